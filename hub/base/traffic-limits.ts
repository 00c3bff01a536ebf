import { limits, type Limits } from './limits.ts'

/**
 * Limits of one partner's traffic, which its channel may set by `settings.limits`, each with the most that it may be set
 * to. All others hold before the hub knows whose traffic it is, or protect what partners share.
 */
const most = {
  fileBytes: 2 * 1024 * 1024 * 1024,
  documentLines: 1_000_000,
  interchangeMessages: 1_000_000,
  segmentBytes: 1024 * 1024,
  segmentElements: 10_000,
  messageSegments: 5_000_000,
  messageElements: 20_000_000,
  messageBytes: 256 * 1024 * 1024,
  xmlDepth: 256,
  xmlAttributes: 1_024,
  xmlNameBytes: 1_024,
  xmlElements: 10_000_000,
  xmlFileAttributes: 5_000_000,
  xmlReferences: 3_000_000,
  jsonDepth: 256,
  jsonDocumentBytes: 64 * 1024 * 1024,
  jsonValues: 5_000_000,
  jsonTextCharacters: 50_000_000,
  jsonMembers: 100_000,
  jsonNumberCharacters: 10_000,
  jsonExponentDigits: 3,
} as const satisfies Partial<Record<keyof Limits, number>>

export type TrafficLimitName = keyof typeof most

export const trafficLimitNames = Object.keys(most) as readonly TrafficLimitName[]

/** What traffic is held to, and which of it the channel has set itself. */
export type TrafficLimits = Readonly<Record<TrafficLimitName, number>> & {
  readonly own: ReadonlySet<TrafficLimitName>
}

/** The most that a channel may set a limit to; never less than what the hub allows everybody. */
export function mostOf(name: TrafficLimitName): number {
  return Math.max(most[name], limits[name])
}

/** The limits of the hub, with a channel's own in their place. */
export function trafficLimits(own: Readonly<Partial<Record<TrafficLimitName, number>>> = {}): TrafficLimits {
  const set = new Set<TrafficLimitName>()
  const values = {} as Record<TrafficLimitName, number>
  for (const name of trafficLimitNames) {
    values[name] = own[name] ?? limits[name]
    if (own[name] !== undefined) set.add(name)
  }
  return { ...values, own: set }
}

/** What holds where no channel says otherwise. */
export const hubTrafficLimits: TrafficLimits = trafficLimits()

/** For what was taken in before, whichever limits its channel had then. */
export const widestTrafficLimits: TrafficLimits = trafficLimits(
  Object.fromEntries(trafficLimitNames.map((name) => [name, mostOf(name)])),
)

/** `64 levels (xmlDepth, the hub's limit)`: a limit as a refusal names it. */
export function limitWords(of: TrafficLimits, name: TrafficLimitName, unit: string): string {
  return `${of[name]} ${unit} (${name}, ${of.own.has(name) ? "this channel's own limit" : "the hub's limit"})`
}
