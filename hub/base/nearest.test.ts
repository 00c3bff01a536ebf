import { expect, test } from 'vitest'
import { namesThere, nearest } from './nearest.ts'

test('a slip of the hand finds the name that was meant', () => {
  const names = ['identities', 'channels', 'profiles', 'timeZone']
  expect(nearest('chanels', names)).toBe('channels')
  expect(nearest('porfiles', names)).toBe('profiles')
  expect(nearest('timezone', names)).toBe('timeZone')
  expect(nearest('colour', names)).toBeNull()
})

test('where two are as near, neither is guessed; what there is stands in the message', () => {
  expect(nearest('box3', ['box1', 'box2'])).toBeNull()
  expect(namesThere('box3', ['box1', 'box2'])).toBe('; there are `box1`, `box2`')
  expect(namesThere('chanel', ['channel', 'web'])).toBe('; did you mean `channel`?')
  expect(namesThere('x', [])).toBe('; there is none yet')
  expect(
    namesThere(
      'zzzz',
      Array.from({ length: 20 }, (_, n) => `partner-${n}`),
    ),
  ).toContain('and 8 more')
})
