import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { makeHostKey } from './host-key.ts'

test('every host key that is made can be read, also those that ssh2 writes wrongly', () => {
  // one in two hundred is written wrongly: among a thousand there are some, but for a chance of one in a hundred
  const unreadable = Array.from({ length: 1000 }, makeHostKey).filter(
    (key) => ssh2.utils.parseKey(key) instanceof Error,
  )
  expect(unreadable).toEqual([])
})
