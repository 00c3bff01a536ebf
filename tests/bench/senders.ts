import { Client } from 'undici'

export interface Posting {
  url: string
  token: string
  connections: number
  /** The next document's bytes by its number. */
  body: (number: number) => Buffer
  /** Number of the first document, and how many. */
  from: number
  count: number
}

/** Posts documents over so many kept connections, each one after the other; returns the time it took, in ms. */
export async function post(posting: Posting): Promise<number> {
  let next = posting.from
  const end = posting.from + posting.count
  const startedMs = performance.now()
  const one = async (): Promise<void> => {
    const client = new Client(posting.url)
    while (next < end) await postOne(client, posting, next++)
    await client.close()
  }
  await Promise.all(Array.from({ length: posting.connections }, one))
  return performance.now() - startedMs
}

async function postOne(client: Client, { token, body }: Posting, number: number): Promise<void> {
  const { statusCode, body: answer } = await client.request({
    method: 'POST',
    path: '/v1/documents',
    headers: {
      authorization: `Bearer ${token}`,
      'idempotency-key': `bench-${number}`,
      'content-type': 'application/edifact',
    },
    body: body(number),
  })
  await answer.dump()
  if (statusCode !== 202) throw new Error(`document ${number} was answered with ${statusCode}`)
}
