import ssh2 from 'ssh2'
import { hashPassword, verifyPassword } from '#hub/keys/password.ts'
import { newId } from '#hub/model/ids.ts'
import { absent, factsSha256 } from '../change.ts'
import type { Planning } from '../planning.ts'
import { sourceName, takeSecret } from '../sources.ts'
import {
  dateCredential,
  insertCredential,
  revokeCredential,
  type CredentialRow,
} from '../store/credential.ts'
import { isPlaceholder, placeholderVerifier } from './placeholder.ts'
import type { ChannelPlan } from './plan.ts'
import type { LoginDocument } from './schema.ts'
import { tokenEnvironment, tokenSha256 } from './token.ts'

const passwordLengthMin = 12

/**
 * Plans how a partner logs in on a channel. A log-in is known by its kind, user name and name: another value under the
 * same name revokes the one before. Tokens are only added: several are good at a time, until each is revoked.
 */
export async function planLogins(planning: Planning, plan: ChannelPlan): Promise<void> {
  const standing = planning.credentials.filter((row) => row.channelId === plan.id)
  const named = new Set<string>()
  for (const [at, login] of plan.wanted.logins.entries()) {
    const problem = (field: string, message: string) =>
      planning.problems.push(plan.document.problem(['channels', plan.index, 'logins', at, field], message))
    const name = loginName(plan.name, { ...login, username: 'username' in login ? login.username : null })
    if (named.has(name))
      problem('kind', 'another log-in of this channel is called the same; give each a `name`')
    named.add(name)
    if ('username' in login && isTaken(planning, plan, login.username))
      problem('username', 'another channel of this kind has this user name')
    if (login.kind === 'token' && plan.wanted.kind !== 'https')
      problem('kind', 'expected `password` or `public_key`: only a channel of kind https takes tokens')
    const taken = takeSecret(login, {
      beside: plan.document.file,
      env: planning.env,
      optional: planning.secretValues === 'optional',
    })
    if (taken !== null && 'fault' in taken) {
      problem(sourceName(login), taken.fault)
      continue
    }
    const value = taken === null ? null : valueOf(login, taken.reveal(), plan.wanted.env)
    if (value !== null && 'fault' in value) problem(sourceName(login), value.fault)
    else {
      const same = standing.filter((row) => loginName(plan.name, row) === name)
      await planLogin(planning, { plan, at, login, value, name, standing: same })
    }
  }
  for (const row of standing) {
    const name = loginName(plan.name, row)
    // tokens are made one by one on the hub: only whoever asks for all that no file has is told of them
    if ((row.kind === 'token' && !planning.whole) || named.has(name)) continue
    named.add(name)
    planning.changes.push(absent({ kind: 'credential', key: name, partnerId: plan.partnerId }))
  }
}

/** What a log-in's value is once read: a password to hash, or a verifier that can be looked up. */
type LoginValue = { password: string } | { verifier: Buffer }

interface OneLogin {
  plan: ChannelPlan
  /** Its place in the list. */
  at: number
  login: LoginDocument
  /** Null: the one that stands in the hub is kept. */
  value: LoginValue | null
  name: string
  standing: CredentialRow[]
}

async function planLogin(planning: Planning, one: OneLogin): Promise<void> {
  const { plan, at, login, value, name, standing } = one
  const from = login.from ?? null
  const until = login.until ?? null
  const username = 'username' in login ? login.username : null
  const before =
    value === null
      ? (standing.findLast((row) => !isPlaceholder(row)) ?? standing.at(-1))
      : await withValue(standing, value)
  const lacking = value === null && (before === undefined || isPlaceholder(before))
  const replaced = standing.filter(
    (row) => value !== null && row !== before && (login.kind !== 'token' || isPlaceholder(row)),
  )
  const oneOfMany = value === null && standing.length > 1
  const redated = before !== undefined && !oneOfMany && !sameDates(before, { from, until })
  const thing = {
    kind: 'credential' as const,
    key: name,
    partnerId: plan.partnerId,
    env: plan.wanted.env,
    version: null,
    origin: { document: plan.document, path: ['channels', plan.index, 'logins', at] },
    sha256: factsSha256({ channel: plan.name, kind: login.kind, username, name: login.name, from, until }),
  }
  if (before !== undefined) {
    planning.changes.push({
      ...thing,
      action: lacking ? 'missing' : redated ? 'change' : 'none',
      fields: redated ? ['from', 'until'] : [],
      before: { from: before.from, until: before.until },
      after: { from, until },
      write: redated ? (client) => dateCredential(client, { id: before.id, from, until }) : null,
    })
    return
  }
  const id = newId<CredentialRow['id']>()
  const verifier = await verifierOf(value, id)
  planning.changes.push({
    ...thing,
    action: lacking ? 'missing' : replaced.length === 0 ? 'add' : 'change',
    fields: ['value'],
    // a log-in that was changed meanwhile is another: what was proposed before that is not for it
    before: replaced.length === 0 ? null : { replaces: replaced.map((row) => row.id).toSorted() },
    write: async (client) => {
      for (const row of replaced) await revokeCredential(client, row.id)
      const { partnerId, id: channelId } = plan
      const row = {
        id,
        partnerId,
        channelId,
        kind: login.kind,
        name: login.name,
      }
      await insertCredential(client, { ...row, username, verifier, from, until })
    },
  })
}

async function verifierOf(value: LoginValue | null, id: CredentialRow['id']): Promise<Buffer> {
  if (value === null) return placeholderVerifier(id)
  return 'verifier' in value ? value.verifier : Buffer.from(await hashPassword(value.password))
}

async function withValue(
  standing: readonly CredentialRow[],
  value: LoginValue,
): Promise<CredentialRow | undefined> {
  for (const row of standing) {
    const same =
      'verifier' in value
        ? row.verifier.equals(value.verifier)
        : await verifyPassword(row.verifier.toString(), value.password)
    if (same) return row
  }
  return undefined
}

function valueOf(login: LoginDocument, text: string, env: string): LoginValue | { fault: string } {
  switch (login.kind) {
    case 'password':
      return text.length < passwordLengthMin
        ? { fault: `expected a password of at least ${passwordLengthMin} characters` }
        : { password: text }
    case 'public_key':
      return publicKeyOf(text)
    case 'token':
      return tokenEnvironment(text) === env
        ? { verifier: tokenSha256(text) }
        : {
            fault: `expected a token: \`cd_${env}_\` and 43 characters, as \`crossdock token add\` makes them`,
          }
  }
}

/** A public key in OpenSSH's form (`ssh-ed25519 AAAA… name`), as the bytes that stand on the wire (RFC 4253 §6.6). */
function publicKeyOf(text: string): LoginValue | { fault: string } {
  const fault = { fault: 'expected a public key as in authorized_keys, such as `ssh-ed25519 AAAA…`' }
  const key = ssh2.utils.parseKey(text.trim())
  if (key instanceof Error) return fault
  if (key.isPrivateKey())
    return { fault: 'this is a private key: give the public one, and keep this one secret' }
  const wire = key.getPublicSSH()
  return Buffer.isBuffer(wire) ? { verifier: wire } : fault
}

function isTaken(planning: Planning, plan: ChannelPlan, username: string): boolean {
  const standing = planning.credentials.some(
    (row) =>
      row.username === username &&
      row.channelId !== plan.id &&
      planning.current.channels.some(
        (channel) => channel.id === row.channelId && channel.kind === plan.wanted.kind,
      ),
  )
  return (
    standing ||
    planning.documents.partners.some(({ value }) =>
      value.channels.some(
        (channel) =>
          channel.kind === plan.wanted.kind &&
          `${value.key}/${channel.key}` !== plan.name &&
          channel.logins.some((login) => 'username' in login && login.username === username),
      ),
    )
  )
}

/** E.g. `retailer/mailbox/password:alice (2026)`. */
function loginName(channel: string, login: { kind: string; name: string; username: string | null }): string {
  const user = login.username === null ? '' : `:${login.username}`
  return `${channel}/${login.kind}${user}${login.name === '' ? '' : ` (${login.name})`}`
}

function sameDates(
  a: { from: Date | null; until: Date | null },
  b: { from: Date | null; until: Date | null },
): boolean {
  return a.from?.getTime() === b.from?.getTime() && a.until?.getTime() === b.until?.getTime()
}
