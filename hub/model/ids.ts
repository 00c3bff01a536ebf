import { createHash, hash, randomUUID } from 'node:crypto'

/**
 * Ids are UUID version 7 (RFC 9562 §5.7): the first 48 bits are milliseconds since 1970, so that
 * rows sort by time and the growing tables are partitioned by month on the id alone.
 */
declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

export type PartnerId = Id<'partner'>
export type IdentityId = Id<'identity'>
export type ChannelId = Id<'channel'>
export type ProfileId = Id<'profile'>
export type AgreementId = Id<'agreement'>
export type PersonId = Id<'person'>
export type PayloadId = Id<'payload'>
export type TransmissionId = Id<'transmission'>
export type InterchangeId = Id<'interchange'>
export type DocumentId = Id<'document'>
export type DeliveryId = Id<'delivery'>
export type HoldId = Id<'hold'>
export type NoticeId = Id<'notice'>
export type ReplayId = Id<'replay'>
export type CredentialId = Id<'credential'>
export type SecretId = Id<'secret'>
export type ProposalId = Id<'proposal'>
export type OffboardingId = Id<'offboarding'>

type AnyId = Id<string>

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** A fresh id. `atMs` is the time it bears, by default now. */
export function newId<T extends AnyId>(atMs: number = Date.now()): T {
  // the version and all before it are ours; behind it stand 74 random bits, the variant among them
  return withTime(timeDigits(atMs), randomUUID().slice(15)) as T
}

/**
 * The id of a row that a step makes out of a parent: the same parent and parts give the same id, so a
 * step that runs twice makes no second row. It keeps the parent's time, hence the parent's partition.
 */
export function derivedId<T extends AnyId>(parent: AnyId, ...parts: (string | number)[]): T {
  const digest = hash('sha256', `${parent}|${parts.join('|')}`, 'hex')
  const variant = variants[Number.parseInt(digest[4]!, 16) & 3]!
  const rest = `${digest.slice(1, 4)}-${variant}${digest.slice(5, 8)}-${digest.slice(8, 20)}`
  return withTime(parent.slice(0, 8) + parent.slice(9, 13), rest) as T
}

/** A stable id for a configured thing (partner, channel, profile …) that is named by a path of keys. */
export function namedId<T extends AnyId>(...path: string[]): T {
  const bytes = Buffer.alloc(16)
  createHash('sha256').update(path.join('/')).digest().copy(bytes, 0, 0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return hex(bytes) as T
}

/** Whether a text from outside has the shape of an id. */
export function isId(text: string): boolean {
  return uuidPattern.test(text)
}

/** Takes a text from outside as an id; throws a TypeError if it has not the shape of one. */
export function asId<T extends AnyId>(text: string): T {
  if (!isId(text)) throw new TypeError(`not an id: ${text.slice(0, 60)}`)
  return text as T
}

/** Milliseconds since 1970 that a time-ordered id bears. */
export function timeOf(id: AnyId): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

/** The two bits of RFC 9562 before two others, as a digit. */
const variants = ['8', '9', 'a', 'b'] as const

function timeDigits(ms: number): string {
  return ms.toString(16).padStart(12, '0')
}

/** An id of version 7 from the digits of its time and what stands behind the version. */
function withTime(digits: string, rest: string): string {
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7${rest}`
}

function hex(bytes: Buffer): string {
  const text = bytes.toString('hex')
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`
}
