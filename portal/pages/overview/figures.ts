import { countDocuments } from '#hub/store/find.ts'
import type { Queryable } from '#hub/store/connect.ts'
import type { MessageKey } from '../../words.ts'
import { listQuery, listRequest } from '../documents/list-model.ts'

/** A question that a list answers: the address of the list is the whole of it. */
export interface Asked {
  params: Readonly<Record<string, string>>
}

/** The address of the list that a figure opens. */
export function listAddress({ params }: Asked): string {
  return `/p/documents?${new URLSearchParams(params).toString()}`
}

/** How many documents the list holds: it is asked for as the list itself reads its address, so that both agree. */
export function countOf(client: Queryable, { params }: Asked): Promise<number> {
  return countDocuments(client, listQuery(listRequest(params), '*'))
}

export interface Figure extends Asked {
  name: FigureName
  label: MessageKey
  /** How it looks where the count is not 0. */
  tone: 'none' | 'busy' | 'wait' | 'bad'
}

export const figureNames = [
  'hour',
  'day',
  'waiting',
  'today',
  'held',
  'delivery_held',
  'refused',
  'overdue',
  'unrouted',
  'rejected',
] as const
export type FigureName = (typeof figureNames)[number]

/** The overview's figures. Counts of a time end at `now`, so that the list shows the same when it is opened. */
export function figuresAt(now: Date, today: Date): Figure[] {
  const until = now.toISOString()
  const since = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString()
  const ofToday = { since: today.toISOString(), until }
  const params: Record<FigureName, Record<string, string>> = {
    hour: { since: since(1), until },
    day: { since: since(24), until },
    waiting: { delivery: 'waiting' },
    today: ofToday,
    held: { processing: 'held' },
    delivery_held: { delivery: 'held' },
    refused: { delivery: 'refused' },
    overdue: { acknowledgement: 'overdue' },
    unrouted: { ...ofToday, step: 'resolve' },
    rejected: { ...ofToday, processing: 'rejected' },
  }
  return figureNames.map((name) => ({ name, label: `ops.${name}`, tone: tones[name], params: params[name] }))
}

const tones: Record<FigureName, Figure['tone']> = {
  hour: 'none',
  day: 'none',
  waiting: 'none',
  today: 'none',
  held: 'wait',
  delivery_held: 'wait',
  refused: 'bad',
  overdue: 'bad',
  unrouted: 'bad',
  rejected: 'wait',
}
