import { namesThere } from '#hub/base/nearest.ts'
import { profileTemplates, type ProfileTemplate } from './templates.ts'
import type { Column, Row } from './table.ts'

/** A partner as its configuration document says it. */
export type PartnerContent = Readonly<Record<string, unknown>>

/** Says what is wrong with one cell. */
export type Refuse = (column: Column, message: string) => void

/**
 * The document of one row. `profiles` are those that it gets where its own column names none; the environment and the channel of a profile
 * are the row's. What the row says wrongly by itself is refused; the rest is held against the schema of documents afterwards.
 */
export function documentOf(row: Row, profiles: readonly ProfileTemplate[], refuse: Refuse): PartnerContent {
  const { cells } = row
  const env = cells.env ?? 'test'
  const channel = channelOf(row, refuse)
  const wanted = cells.profiles === undefined ? profiles : templatesNamed(cells.profiles, refuse)
  if (wanted.length > 0 && channel === null) refuse('channel', 'is missing: profiles need a channel')
  return {
    key: cells.key,
    name: cells.name,
    ...(cells.language === undefined ? {} : { language: cells.language }),
    ...(cells.time_zone === undefined ? {} : { timeZone: cells.time_zone }),
    ...contactsOf(row, refuse),
    identities: words(cells.identities).map((word) => identityOf(word, env, refuse)),
    channels: channel === null ? [] : [channel],
    profiles: wanted.map((profile) => profileOf(profile, env, cells.channel_key ?? cells.channel ?? '')),
  }
}

/** Members in the order of the page of configuration. */
function profileOf(profile: ProfileTemplate, env: string, channel: string): PartnerContent {
  const { direction, type, format, guide, mapping, ...others } = profile
  return {
    direction,
    env,
    type,
    format,
    ...(guide === undefined ? {} : { guide }),
    mapping,
    channel,
    ...others,
  }
}

function contactsOf({ cells }: Row, refuse: Refuse): PartnerContent {
  const { contact_name: name, contact_email: email, contact_language: language } = cells
  if (name === undefined && email === undefined && language === undefined) return {}
  if (email === undefined)
    refuse('contact_email', 'is missing: expected an e-mail address beside the contact')
  if (name === undefined) refuse('contact_name', 'is missing: expected the name of the contact')
  return { contacts: [{ name, email, ...(language === undefined ? {} : { language }) }] }
}

/** `gln:4012345000009`, with `+internal` and `@env` behind it where they are needed. */
function identityOf(word: string, env: string, refuse: Refuse): PartnerContent {
  const found =
    /^(?<scheme>gln|duns|as2|unb:[A-Z0-9]{1,4}|unb|party:[^\s:@+]+|party):(?<value>[^@+]+)(\+(?<internal>[^@+]+))?(@(?<env>\w+))?$/.exec(
      word,
    )
  if (found?.groups === undefined) {
    refuse(
      'identities',
      `expected names such as \`gln:4012345000009\`, parted by blanks, and not \`${word.slice(0, 80)}\``,
    )
    return {}
  }
  const { scheme, value, internal, env: own = env } = found.groups
  return { scheme, value, ...(internal === undefined ? {} : { internal }), env: own }
}

function channelOf({ cells }: Row, refuse: Refuse): PartnerContent | null {
  const { channel: kind, channel_key: key = kind, address, env = 'test' } = cells
  if (kind === undefined) {
    for (const column of ['channel_key', 'address', 'host_keys', 'username'] as const)
      if (cells[column] !== undefined) refuse('channel', `is missing: \`${column}\` belongs to a channel`)
    return null
  }
  const settings = address === undefined ? {} : settingsOf(kind, address, cells, refuse)
  const logins =
    cells.username === undefined
      ? {}
      : { logins: [{ kind: 'password', username: cells.username, keep: true }] }
  if (cells.username !== undefined && kind !== 'mailbox')
    refuse('username', 'belongs to a channel of kind mailbox')
  return { key, kind, env, ...(Object.keys(settings).length === 0 ? {} : { settings }), ...logins }
}

function settingsOf(kind: string, address: string, cells: Row['cells'], refuse: Refuse): PartnerContent {
  if (kind === 'https') return { url: address }
  if (kind !== 'sftp') {
    refuse('address', `a channel of kind ${kind.slice(0, 40)} has none`)
    return {}
  }
  const found = URL.canParse(address) ? new URL(address) : null
  if (found === null || found.protocol !== 'sftp:' || found.hostname === '' || found.username === '') {
    refuse('address', 'expected `sftp://user@host/folder`, with `:port` behind the host where it is not 22')
    return {}
  }
  if (found.password !== '') refuse('address', 'expected no password here: it is a secret of the channel')
  const folder = decodeURIComponent(found.pathname.slice(1))
  const { hostname: host, port } = found
  return {
    host,
    ...(port === '' ? {} : { port: Number(port) }),
    username: decodeURIComponent(found.username),
    ...(folder === '' ? {} : { folder }),
    hostKeys: words(cells.host_keys),
  }
}

function templatesNamed(text: string, refuse: Refuse): ProfileTemplate[] {
  return words(text).flatMap((name) => {
    const found = Object.hasOwn(profileTemplates, name) ? profileTemplates[name] : undefined
    if (found !== undefined) return [found]
    refuse(
      'profiles',
      `there is no template \`${name.slice(0, 80)}\`${namesThere(name, Object.keys(profileTemplates))}`,
    )
    return []
  })
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/[\s|]+/).filter((word) => word !== '')
}
