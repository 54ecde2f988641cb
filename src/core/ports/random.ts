/** Unpredictable bytes and ids, from the system's cryptographic source. */
export interface Random {
  bytes(length: number): Uint8Array<ArrayBuffer>
  /** A UUID version 7 (RFC 9562): sorts by time. */
  uuid(): string
}
