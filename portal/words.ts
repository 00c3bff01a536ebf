import { codeRow, type Code } from '#hub/model/codes/index.ts'
import { channelKinds } from '#hub/model/transport.ts'
import { en, type MessageKey } from './locales/en.ts'
import { fr } from './locales/fr.ts'

export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

export type { MessageKey } from './locales/en.ts'
export type Params = Readonly<Record<string, string | number>>

const catalogues: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { en, fr }

/** Everything a page says, in one language and with the clock of one person. */
export interface Words {
  readonly language: Language
  /** IANA name, e.g. `Europe/Paris`. */
  readonly zone: string
  /** A text of the catalogue with its places filled in. */
  t(key: MessageKey, params?: Params): string
  /** 14:03 */
  time(at: Date): string
  /** 14:03:09.123: where the order of things within a second matters. */
  exactTime(at: Date): string
  /** Friday 20 November 2026 */
  day(at: Date): string
  /** "at 14:03", or "on 20 November 2026 at 14:03" where that is not the day of `now`. */
  moment(at: Date, now: Date): string
  /** "14:03", or "21 Nov, 14:03" where that is not the day of `now`: for tables. */
  brief(at: Date, now: Date): string
  /** "21 Nov, 14:03", whatever the day of the reader. */
  dated(at: Date): string
  /** When the day of `at` began in the zone. */
  dayStart(at: Date): Date
  /** A kind of channel in words; as it is where there is no word for it. */
  channel(kind: string): string
  /** A channel by its kind and its key, the key only where it says more: "HTTPS (endpoint)", "Mailbox". */
  channelNamed(kind: string | null, key: string): string
  /** The same within a sentence: a word begins small, an abbreviation stays as it is. */
  channelWithin(kind: string | null, key: string): string
  /** A format as people write it: EDIFACT, XML, JSON. */
  format(name: string): string
  number(value: number): string
  /** 3.4 kB */
  size(bytes: number): string
  duration(ms: number): string
  /** The zone with its offset at that time: Europe/Paris, UTC+1. */
  zoneName(at: Date): string
  /** A list in a sentence: a, b and c. */
  list(parts: readonly string[]): string
  /** The texts of a stable code, or null where the registry has none. */
  code(code: string): { what: string; fix: string; row: Code } | null
}

/** Words in a language, with times in a zone. An unknown zone counts as UTC. */
export function wordsIn(language: Language, zone: string): Words {
  const known = memory.get(`${language} ${zone}`)
  if (known) return known
  const made = make(language, zone)
  // the key space is bounded: zones come from the partners' own settings
  memory.set(`${language} ${zone}`, made)
  return made
}

const memory = new Map<string, Words>()

function make(language: Language, wanted: string): Words {
  const zone = isZone(wanted) ? wanted : 'UTC'
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, ...options })
  const time = format({ hour: '2-digit', minute: '2-digit' })
  const exact = format({
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  })
  const day = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
  const date = format({ day: 'numeric', month: 'long', year: 'numeric' })
  const short = format({ day: 'numeric', month: 'short' })
  const offset = format({ timeZoneName: 'shortOffset' })
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const conjunction = new Intl.ListFormat(locale, { type: 'conjunction' })
  const t = (key: MessageKey, params: Params = {}) => fill(catalogues[language][key], params)
  return {
    language,
    zone,
    t,
    time: (at) => time.format(at),
    exactTime: (at) => exact.format(at).replace(',', '.'),
    day: (at) => day.format(at),
    moment: (at, now) =>
      date.format(at) === date.format(now)
        ? t('moment.today', { time: time.format(at) })
        : t('moment.day', { date: date.format(at), time: time.format(at) }),
    brief: (at, now) =>
      date.format(at) === date.format(now)
        ? time.format(at)
        : t('moment.brief', { date: short.format(at), time: time.format(at) }),
    dated: (at) => t('moment.brief', { date: short.format(at), time: time.format(at) }),
    dayStart: (at) => dayStart(at, exact),
    channel: (kind) => channelText(kind, t),
    channelNamed: (kind, key) => channelNamed(kind, key, t),
    channelWithin: (kind, key) =>
      channelNamed(kind, key, t).replace(/^\p{Lu}(?=\p{Ll})/u, (letter) => letter.toLowerCase()),
    format: (name) => name.toUpperCase(),
    number: (value) => numbers.format(value),
    size: (bytes) => sizeText(bytes, numbers, t),
    duration: (ms) => durationText(ms, numbers, t),
    zoneName: (at) => {
      const part = offset.formatToParts(at).find((one) => one.type === 'timeZoneName')
      const shift = (part?.value ?? 'UTC').replace('GMT', 'UTC')
      return zone === 'UTC' ? 'UTC' : `${zone}, ${shift}`
    },
    list: (parts) => conjunction.format(parts),
    code: (code) => {
      const row = codeRow(code)
      return row === undefined ? null : { ...row[language], row }
    },
  }
}

/** Goes back by what the clock shows; where it was put forward or back that day, once more by what it shows then. */
function dayStart(at: Date, clock: Intl.DateTimeFormat): Date {
  const shown = (time: Date): number => {
    const of = (type: string) =>
      Number(clock.formatToParts(time).find((part) => part.type === type)?.value ?? 0)
    return ((of('hour') * 60 + of('minute')) * 60 + of('second')) * 1000 + of('fractionalSecond')
  }
  const guess = new Date(at.getTime() - shown(at))
  const off = shown(guess)
  const half = 12 * 3_600_000
  return new Date(guess.getTime() - (off > half ? off - 2 * half : off))
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A place with nothing to say takes the blank before it along: lists do not know every time that a timeline knows. */
function fill(text: string, params: Params): string {
  return text.replace(/( ?)\{(\w+)\}/g, (_, blank: string, name: string) => {
    const value = String(params[name] ?? '')
    return value === '' ? '' : blank + value
  })
}

function channelText(kind: string, t: Words['t']): string {
  const known = channelKinds.find((one) => one === kind)
  return known === undefined ? kind : t(`channel.${known}`)
}

function channelNamed(kind: string | null, key: string, t: Words['t']): string {
  if (kind === null || kind === key || key === '') return channelText(kind ?? key, t)
  return `${channelText(kind, t)} (${key})`
}

function sizeText(bytes: number, numbers: Intl.NumberFormat, t: Words['t']): string {
  if (bytes < 1000) return t('size.bytes', { n: numbers.format(bytes) })
  if (bytes < 1_000_000) return t('size.kilobytes', { n: numbers.format(bytes / 1000) })
  return t('size.megabytes', { n: numbers.format(bytes / 1_000_000) })
}

function durationText(ms: number, numbers: Intl.NumberFormat, t: Words['t']): string {
  if (ms < 1000) return t('duration.ms', { n: numbers.format(Math.round(ms)) })
  if (ms < 60_000) return t('duration.s', { n: numbers.format(ms / 1000) })
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return t('duration.min', { n: minutes })
  return t('duration.h', { h: numbers.format(Math.floor(minutes / 60)), min: minutes % 60 })
}
