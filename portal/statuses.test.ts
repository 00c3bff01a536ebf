import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { acknowledgementStates, deliveryMoves, documentMoves } from '#hub/model/states.ts'
import type { DocumentRow } from '#hub/store/find.ts'
import {
  acknowledgementName,
  acknowledgementStatuses,
  deliveryName,
  deliveryStatuses,
  processingName,
  processingStatuses,
} from './statuses.ts'
import { turnOf } from './turn.ts'

const row = {
  processing: 'processed',
  delivery: 'none',
  acknowledgement: 'none',
  outbound: null,
  owed: null,
  awaited: null,
  code: null,
} as unknown as DocumentRow
const states = (moves: object) => Object.keys(moves).filter((state) => state !== 'new')

test('every state of the model has a word, an icon and a tone in each status', () => {
  for (const processing of states(documentMoves)) {
    expect(processingStatuses[processingName({ ...row, processing } as DocumentRow)]).toBeDefined()
  }
  for (const delivery of ['none', ...states(deliveryMoves)]) {
    expect(deliveryStatuses[deliveryName({ ...row, delivery } as DocumentRow)]).toBeDefined()
  }
  for (const acknowledgement of ['none', ...acknowledgementStates]) {
    expect(
      acknowledgementStatuses[acknowledgementName({ ...row, acknowledgement } as DocumentRow)],
    ).toBeDefined()
  }
  const sprite = readFileSync(new URL('./assets/icons.svg', import.meta.url), 'utf8')
  for (const table of [processingStatuses, deliveryStatuses, acknowledgementStatuses]) {
    for (const status of Object.values(table)) {
      expect(sprite).toContain(`id="${status.icon}"`)
      expect(status.en).not.toBe('')
      expect(status.fr).not.toBe('')
    }
  }
})

test('whose turn it is follows from the three statuses', () => {
  const turn = (changes: Partial<DocumentRow>) => turnOf({ ...row, ...changes })
  expect(turn({ processing: 'waiting' })).toBe('busy')
  expect(turn({ processing: 'held' })).toBe('hub')
  expect(turn({ processing: 'rejected', code: 'CD-2005' })).toBe('sender')
  expect(turn({ processing: 'rejected', code: 'CD-2007' })).toBe('hub')
  expect(turn({ processing: 'duplicate' })).toBe('done')
  const owed = (state: 'accepted' | 'rejected') => ({ state, deliveryState: 'pending' as const })
  expect(turn({ processing: 'duplicate', owed: owed('accepted') })).toBe('done')
  // another content under a reference that was used before
  expect(turn({ processing: 'duplicate', owed: owed('rejected') })).toBe('sender')
  expect(acknowledgementName({ ...row, owed: owed('accepted') })).toBe('handed_over')
  const suspended = { suspended: true } as NonNullable<DocumentRow['outbound']>
  expect(turn({ delivery: 'waiting', outbound: suspended })).toBe('hub')
  expect(turn({ delivery: 'pending' })).toBe('receiver')
  expect(turn({ delivery: 'held' })).toBe('hub')
  expect(turn({ delivery: 'delivered' })).toBe('done')
  expect(turn({ delivery: 'delivered', acknowledgement: 'waiting' })).toBe('receiver')
  expect(turn({ delivery: 'delivered', acknowledgement: 'rejected' })).toBe('sender')
})
