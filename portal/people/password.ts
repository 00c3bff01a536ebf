/** Passwords of people are kept like those of channels: Argon2id, off the event loop. */
export { hashPassword, unknownPersonHash, verifyPassword } from '#hub/keys/password.ts'
