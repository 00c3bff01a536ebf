import { asId, isId, type ChannelId, type PartnerId } from '#hub/model/ids.ts'
import { processSteps } from '#hub/model/states.ts'
import type { DocumentQuery, DocumentRow, HubFilter } from '#hub/store/find.ts'
import { stepWord, typeWord } from '../../timeline/sentence.ts'
import type { Words } from '../../words.ts'

/** What the URL of a list may ask for besides its filters, each with what its value may be. */
const onlyValues = {
  since: isTime,
  until: isTime,
  type: (value: string) => /^[\w-]{1,40}$/.test(value),
  partner: isId,
  step: (value: string) => (processSteps as readonly string[]).includes(value),
  code: (value: string) => /^CD-[1-9]\d{3}$/.test(value),
  failed: isId,
} as const

export type OnlyName = keyof typeof onlyValues
export type OnlyRequest = Partial<Record<OnlyName, string>>

/** Reads them; wrong values are left out. */
export function onlyRequest(one: (name: string) => string): OnlyRequest {
  const only: OnlyRequest = {}
  for (const name of Object.keys(onlyValues) as OnlyName[]) {
    const value = one(name)
    if (value !== '' && onlyValues[name](value)) only[name] = value
  }
  return only
}

/** The same as a question to the store. */
export function onlyQuery(only: OnlyRequest): Pick<DocumentQuery, 'type' | 'only'> {
  const { since, until, type, partner, step, code, failed } = only
  const filter: HubFilter = {
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
    ...(partner !== undefined && { partner: asId<PartnerId>(partner) }),
    ...(step !== undefined && { step }),
    ...(code !== undefined && { code }),
    ...(failed !== undefined && { failedOn: asId<ChannelId>(failed) }),
  }
  return { ...(type !== undefined && { type }), only: filter }
}

/** What is asked for without some of it. */
export function without(only: OnlyRequest, names: readonly OnlyName[]): OnlyRequest {
  return Object.fromEntries(Object.entries(only).filter(([name]) => !names.includes(name as OnlyName)))
}

export interface OnlyChip {
  /** What taking the chip away takes away. */
  names: OnlyName[]
  kind: string
  value: string
}

/** What is asked for in words; names of partners are those of the rows found. */
export function onlyChips(only: OnlyRequest, rows: readonly DocumentRow[], words: Words): OnlyChip[] {
  const { t } = words
  const { since, until, type, partner, step, code, failed } = only
  const chips: OnlyChip[] = []
  if (since !== undefined || until !== undefined) {
    const value = [since, until].map((at) => (at === undefined ? '…' : words.dated(new Date(at)))).join(' – ')
    chips.push({
      names: ['since', 'until'],
      kind: t(failed === undefined ? 'only.received' : 'only.attempted'),
      value,
    })
  }
  if (type !== undefined)
    chips.push({ names: ['type'], kind: t('only.type'), value: typeWord({ type, wireType: '' }, words) })
  if (partner !== undefined) {
    const name = rows.find((row) => row.senderId === partner)?.senderName
    chips.push({ names: ['partner'], kind: t('only.partner'), value: name ?? partner })
  }
  if (step !== undefined) chips.push({ names: ['step'], kind: t('only.step'), value: stepWord(step, words) })
  if (code !== undefined) chips.push({ names: ['code'], kind: t('only.code'), value: code })
  if (failed !== undefined) {
    const to = rows.find((row) => row.outbound !== null)
    const value = [to?.receiverName, words.channel(to?.outbound?.channelKind ?? '')]
      .filter(Boolean)
      .join(', ')
    chips.push({ names: ['failed'], kind: t('only.failed'), value: value || failed.slice(-12) })
  }
  return chips
}

function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value))
}
