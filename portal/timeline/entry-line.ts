import type { TimelineEntry } from '#hub/store/find-timeline.ts'
import type { Tone } from '../statuses.ts'

/** One entry as a line of the timeline. */
export interface EntryText {
  band: 'receive' | 'process' | 'deliver' | 'acknowledge'
  icon: string
  tone: Tone
  title: string
  detail: string
  /** A hash or identity from the wire, shown in mono. */
  proof: string | null
}

export type Line = Partial<Pick<EntryText, 'icon' | 'tone' | 'proof'>> &
  Pick<EntryText, 'band' | 'title' | 'detail'>

export type EntryOf<Prefix extends string> = Extract<TimelineEntry, { type: `${Prefix}.${string}` }>
