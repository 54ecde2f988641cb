/**
 * Tells the processes of an app that a fact is over, such as what somebody may do. Facts are named by texts.
 * Adapters: `redisAnnouncements()` for many processes; without one each process asks the database what it must know.
 */
export interface Announcements {
  /** Whether this process is sure to hear of announcements now. While it is not, nothing may be believed without asking. */
  hears(): boolean
  /**
   * @param over is told the name of each fact that ended, by this process or another
   * @param lost is told when announcements may have been missed: nothing that was believed before may be believed now
   */
  listen(over: (name: string) => void, lost: () => void): void
  /** Resolves when the others have heard it, and said so. Rejects when they could not be told: they go on believing for as long as they do. */
  announce(names: readonly string[]): Promise<void>
  /** Whether it is heard, within a time: at first a connection must be made. @param ms milliseconds */
  ready(ms: number): Promise<boolean>
  close(): Promise<void>
}
