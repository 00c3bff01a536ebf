import type { CodeName } from './codes/index.ts'
import type { FormatName, WireIdentity } from './format.ts'
import type { PartnerId } from './ids.ts'
import type { Environment } from './states.ts'

/** What somebody is told of: once for a cause, however many documents it is about. It closes itself with its cause. */
export interface NewNotice {
  kind: NoticeKind
  /** The same for all that has the same cause: an id made of what the cause is. */
  cause: string
  /** The audience; null for the people of the hub. */
  partnerId: PartnerId | null
  code: CodeName
  facts: NoticeFacts
  /** How many more documents it is about. */
  count: number
}

export const noticeKinds = ['unroutable', 'silence', 'late'] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** What a notice names: who and what it is about. Never content. */
export interface NoticeFacts {
  sender?: PartnerId
  receiver?: PartnerId | null
  /** The receiver as the documents name it. */
  named?: WireIdentity | null
  env?: Environment | null
  type?: string
  format?: FormatName
  guide?: string
  agreement?: string
  /** Until when something was expected. */
  dueAt?: string
}
