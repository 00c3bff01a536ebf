import { expect, test } from 'vitest'
import type { Incoming } from '#hub/model/transport.ts'
import type { Upload } from '#hub/store/upload.ts'
import { read } from './read.ts'

test('a body whose bytes cannot be stored is let go, so that the door can read what is still sent and answer', async () => {
  let letGo = false
  async function* body(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.from('x')
    } finally {
      letGo = true
    }
  }
  const incoming = { channel: { settings: {} }, lengthHint: null, body: body() } as unknown as Incoming
  const upload = {
    sizeBytes: 0,
    write: async () => {
      throw new Error('no room')
    },
  } as unknown as Upload
  await expect(read(incoming, upload)).rejects.toThrow('no room')
  expect(letGo).toBe(true)
})
