import { expect, test } from 'vitest'
import { jsonFormat } from './index.ts'

const as = {
  reference: '',
  messageReferences: [],
  messageReference: '',
  at: new Date('2026-11-22T06:00:00Z'),
}
const files = ['{\n  "id": "a,]"\n}\n', '{ "id": "b", "of": [1.10, 2] }\n'].map((text) => Buffer.from(text))

test('documents become an array, also one alone, and one is taken out of it again with every digit', () => {
  const bundle = jsonFormat.bundle!(files, as)
  expect(JSON.parse(bundle.toString())).toEqual([{ id: 'a,]' }, { id: 'b', of: [1.1, 2] }])
  expect(JSON.parse(jsonFormat.bundle!(files.slice(0, 1), as).toString())).toEqual([{ id: 'a,]' }])
  const second = jsonFormat.renumber!(bundle, { ...as, position: 2 })
  expect(JSON.parse(second.toString())).toEqual([{ id: 'b', of: [1.1, 2] }])
  expect(second.toString()).toContain('1.10')
  expect(() => jsonFormat.renumber!(bundle, { ...as, position: 3 })).toThrow(/no item 3/)
  expect(jsonFormat.renumber!(files[0]!, { ...as, position: 1 })).toEqual(files[0])
})
