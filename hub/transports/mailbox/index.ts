export { mailboxSettings, mailboxTransport } from './transport.ts'
export { startSftpServer, type SftpServer, type SftpServerDeps } from './server.ts'
export { hostKeyFingerprint } from './host-key.ts'
