import { randomBytes } from 'node:crypto'
import type pg from 'pg'

/** Unique texts, one for each place where something secret stands, and the search for them afterwards. */
export class Canaries {
  readonly #needles = new Map<string, string>()

  /** A fresh text of letters and digits, that stands for what `place` says. */
  make(place: string): string {
    const text = `cnry${randomBytes(12).toString('hex')}`
    this.#needles.set(text, place)
    return text
  }

  /** Takes a secret that was made elsewhere. */
  know(place: string, text: string): string {
    this.#needles.set(text.trim(), place)
    return text
  }

  /** The places whose text stands in `where`: as it is, in base64, in hexadecimal (as bytea is shown), or in a URL. */
  found(where: string): string[] {
    const hits = new Set<string>()
    for (const [text, place] of this.#needles) {
      const forms = [text, encodeURIComponent(text), Buffer.from(text).toString('hex')]
      // without its ends, which depend on what stands around it
      const base64 = [0, 1, 2].map((shift) =>
        Buffer.from(`${'x'.repeat(shift)}${text}`)
          .toString('base64')
          .slice(4, -4),
      )
      if ([...forms, ...base64].some((form) => where.includes(form))) hits.add(place)
    }
    return [...hits]
  }
}

/** Every row of every table of a database as text, by table: the sealed columns too, for they hold nothing that can be read. */
export async function dumpDatabase(admin: pg.Pool): Promise<Map<string, string>> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', 'pgboss') order by 1`,
  )
  const dump = new Map<string, string>()
  for (const { name } of tables) {
    const { rows } = await admin.query<{ text: string }>(`select t::text as text from ${name} t`)
    dump.set(name, rows.map(({ text }) => text).join('\n'))
  }
  return dump
}
