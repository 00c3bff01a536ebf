/** Asks again, every few milliseconds, until the answer is not null; throws with `what` after `mostMs`. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | null> | Answer | null,
  mostMs = 20_000,
): Promise<Answer> {
  const deadline = Date.now() + mostMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (Date.now() > deadline) throw new Error(`not within ${mostMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
