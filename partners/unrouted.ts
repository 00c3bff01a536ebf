import { Document } from 'yaml'
import { limits } from '#hub/base/limits.ts'
import { codeRow } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { NoticeFacts } from '#hub/model/notice.ts'
import type { Store } from '#hub/store/connect.ts'
import { openNotices, type Notice } from '#hub/store/notice.ts'
import { readConfiguration, type Configuration } from './store/configuration.ts'

/** Documents that found no way, for one cause: what they are, how many wait, and what would make a way. */
export interface Unrouted {
  cause: string
  code: string
  /** What is missing, in English and French. */
  what: { en: string; fr: string }
  sender: string | null
  receiver: string | null
  /** The receiver as the documents name it: `gln 5412345000013`. */
  named: string | null
  env: string | null
  type: string
  format: string | null
  guide: string
  /** Documents on hold, which one action routes; the others were rejected. */
  held: number
  /** All since the cause is open. */
  count: number
  since: Date
  last: Date
  /** The document of the configuration to add, ready to be completed and applied; null where there is nothing to add. */
  suggestion: string | null
}

/** What could not be routed, by cause, the newest first. */
export async function listUnrouted(store: Store): Promise<Unrouted[]> {
  const notices = await openNotices(store.worker, {
    audience: null,
    kind: 'unroutable',
    limit: limits.noticesShown,
  })
  if (notices.length === 0) return []
  const configuration = await readConfiguration(store)
  return notices.map((notice) => unrouted(notice, configuration))
}

/** The cause whose id is this or begins with it (eight digits at least). Throws HubError `nameUnknown`. */
export async function causeNamed(store: Store, written: string): Promise<string> {
  const found = (await listUnrouted(store)).filter(
    ({ cause }) => written.length >= 8 && cause.startsWith(written),
  )
  if (found.length === 1) return found[0]!.cause
  throw new HubError(
    'nameUnknown',
    `there is no open cause \`${written.slice(0, 60)}\`; "crossdock unrouted" lists them`,
  )
}

function unrouted(notice: Notice, configuration: Configuration): Unrouted {
  const { facts, code } = notice
  const keyOf = (id: PartnerId | null | undefined) =>
    configuration.partners.find((partner) => partner.id === id)?.key ?? null
  const row = codeRow(code)
  const { named } = facts
  const sender = keyOf(facts.sender)
  const receiver = keyOf(facts.receiver)
  return {
    cause: notice.cause,
    code,
    what: { en: row?.en.what ?? code, fr: row?.fr.what ?? code },
    sender,
    receiver,
    named: named ? `${named.scheme} ${named.value}` : null,
    env: facts.env ?? null,
    type: facts.type ?? '',
    format: facts.format ?? null,
    guide: facts.guide ?? '',
    held: notice.held,
    count: notice.count,
    since: notice.openedAt,
    last: notice.lastAt,
    suggestion: suggestion(code, facts, {
      sender,
      receiver,
      taken: new Set(configuration.agreements.map(({ key }) => key)),
    }),
  }
}

/** What to add to the configuration; what only a person knows stands in capitals. */
function suggestion(
  code: string,
  { type = 'order', format, env = 'test', named, guide = '' }: NoticeFacts,
  { sender, receiver, taken }: { sender: string | null; receiver: string | null; taken: ReadonlySet<string> },
): string | null {
  const missing = codeSlugs[code] ?? null
  switch (missing) {
    case 'profile':
      return yaml(
        {
          direction: 'sends',
          env,
          type,
          format,
          ...(guide === '' ? {} : { guide }),
          mapping: `${type}/MAPPING`,
          channel: 'CHANNEL',
        },
        ` into \`profiles\` of the partner ${sender ?? 'SENDER'}`,
      )
    case 'receiver':
      return yaml(
        {
          partner: {
            key: 'RECEIVER',
            name: 'NAME',
            identities: named ? [{ scheme: named.scheme, value: named.value, env }] : [],
            channels: [
              { key: 'CHANNEL', kind: 'https', env, settings: { url: 'https://RECEIVER.example/in' } },
            ],
            profiles: [
              {
                direction: 'receives',
                env,
                type,
                format: 'FORMAT',
                mapping: `${type}/MAPPING`,
                channel: 'CHANNEL',
              },
            ],
          },
        },
        ' the receiver, if it is none of your partners; then the agreement',
      )
    case 'agreement':
      return yaml(
        {
          agreement: {
            key: freeKey([sender ?? 'sender', receiver ?? 'receiver', type, format, env], taken),
            sender: { partner: sender ?? 'SENDER', env, type, ...(format !== undefined && { format }) },
            receiver: { partner: receiver ?? 'RECEIVER' },
          },
        },
        null,
      )
    case null:
      return null
  }
}

/** A key that no agreement has: applying the suggestion changes none that stands. */
function freeKey(parts: readonly (string | null | undefined)[], taken: ReadonlySet<string>): string {
  const key = parts
    .filter((part) => part !== undefined && part !== null)
    .join('-')
    .toLowerCase()
    .slice(0, 58)
  if (!taken.has(key)) return key
  let number = 2
  while (taken.has(`${key}-${number}`)) number += 1
  return `${key}-${number}`
}

/** Which kind of document of the configuration a code misses. */
const codeSlugs: Readonly<Record<string, 'profile' | 'receiver' | 'agreement'>> = {
  'CD-2005': 'receiver',
  'CD-2006': 'profile',
  'CD-2007': 'agreement',
  'CD-2080': 'agreement',
}

function yaml(content: object, comment: string | null): string {
  const document = new Document(content)
  if (comment !== null) document.commentBefore = comment
  return document.toString({ lineWidth: 0 })
}
