import { namesake, testCertificate } from './certificates.ts'
import { headerBytes, type Entity } from '#hub/envelopes/mime/write.ts'
import type { Headers } from '#hub/envelopes/mime/headers.ts'
import { encrypt, open, signDetached, type OpenOptions } from '#hub/envelopes/smime/index.ts'
import type { TestCertificate } from './certificates.ts'

/* A message, its partners, and what opening it comes to, for tests of S/MIME. */

export const ours = testCertificate('ours')
export const theirs = testCertificate('theirs')
export const stranger = testCertificate('stranger')
/** Another key under the name and number of theirs. */
export const forger = namesake('theirs', theirs)

export const order = Buffer.from(
  "UNB+UNOC:3+3012345000017:14+5412345000013:14+261122:0900+42'\r\nUNZ+0+42'\r\n",
)
export const at = new Date('2026-11-22T09:00:00Z')

export const inner: Entity = { headers: [['Content-Type', 'application/edifact']], body: order }
export const whole = Buffer.concat([headerBytes(inner.headers), order])
export const cmsType: Headers = [['Content-Type', 'application/pkcs7-mime']]
const options = (more: Partial<OpenOptions> = {}): OpenOptions => ({
  keys: [ours],
  signers: [theirs.certificate],
  require: { signed: false, encrypted: false },
  allow: { sha1: false, tripleDes: false },
  defects: [],
  micDigest: 'sha256',
  compressedMic: 'entity',
  contentBytesMost: 10 * 1024 * 1024,
  ...more,
})
export const sign = (entity: Entity, by: readonly TestCertificate[] = [theirs]) =>
  signDetached(entity, by, { digest: 'sha256', at })
export const encrypted = (entity: Entity) =>
  encrypt(entity, [ours.certificate], { cipher: 'aes-128-cbc', keyTransport: 'pkcs1' })
export const opened = (entity: { headers: Headers; body: Entity['body'] }, more: Partial<OpenOptions> = {}) =>
  open(entity, options(more))
export const codeOf = async (
  entity: { headers: Headers; body: Entity['body'] },
  more: Partial<OpenOptions> = {},
) => {
  const result = await opened(entity, more)
  return result.kind === 'refused' ? result.code : 'opened'
}
