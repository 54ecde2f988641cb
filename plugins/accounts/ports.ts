/** Hashes passwords. `bunHashing` on Bun, `argon2Hashing` elsewhere. */
export interface PasswordHashing {
  hash(password: string): Promise<string>
  /** May throw for a hash it cannot read. */
  verify(password: string, hash: string): Promise<boolean>
}
