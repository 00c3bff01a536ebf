import type { Queryable } from './connect.ts'

/** A broken fact of the promise: which, of what row, and in words. */
export interface BrokenFact {
  check: CheckName
  id: string
  text: string
}

/** The nine facts, as people read them when one is broken. */
export const checkTexts = {
  C1: {
    en: 'A file was accepted, but its bytes or its ledger entry are missing.',
    fr: 'Un fichier a été accepté, mais ses octets ou son entrée au registre manquent.',
  },
  C2: {
    en: 'A file was accepted and came to nothing: it has no document.',
    fr: 'Un fichier a été accepté sans rien donner : il n’a aucun document.',
  },
  C3: {
    en: 'An interchange counts other messages than documents were kept.',
    fr: 'Un interchange compte un autre nombre de messages que de documents conservés.',
  },
  C4: {
    en: 'A document was processed into nothing: no output, no match, no successor.',
    fr: 'Un document a été traité sans résultat : ni sortie, ni rapprochement, ni successeur.',
  },
  C5: {
    en: 'A document is held without an open hold, or has an open hold without being held.',
    fr: 'Un document est en attente sans décision ouverte, ou l’inverse.',
  },
  C6: {
    en: 'A delivery is stuck: its lease ran out, or its proof is overdue and nobody was told.',
    fr: 'Une livraison est bloquée : son bail a expiré, ou sa preuve est en retard sans signalement.',
  },
  C7: {
    en: 'A delivery is called delivered without an attempt that was taken.',
    fr: 'Une livraison est dite livrée sans tentative aboutie.',
  },
  C8: {
    en: 'A document was sent again, and no person asked for it.',
    fr: 'Un document a été renvoyé sans que personne ne l’ait demandé.',
  },
  C9: {
    en: 'A partner’s history has a gap in its numbers.',
    fr: 'L’historique d’un partenaire a un trou dans sa numérotation.',
  },
} as const satisfies Record<string, { en: string; fr: string }>

export type CheckName = keyof typeof checkTexts

/** Rows whose ids say that they were made so many minutes ago: from `sinceMinutes` to `untilMinutes`. */
export interface CheckWindow {
  sinceMinutes: number
  untilMinutes: number
}

/**
 * Runs the nine checks of the promise; each row is an incident. With a window they look only at rows as old as that, which
 * is what runs all the time; null looks at everything.
 */
export async function findBrokenFacts(db: Queryable, window: CheckWindow | null): Promise<BrokenFact[]> {
  const ago = (minutes: number) => `id_floor(now() - make_interval(secs => ${minutes * 60}))`
  const since = window === null ? `'00000000-0000-0000-0000-000000000000'::uuid` : ago(window.sinceMinutes)
  const until = window === null ? `'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid` : ago(window.untilMinutes)
  // many rows at once: planned each time, and whole tables may be read. Statements that are sent together are one
  // transaction, at whose end the settings end
  const results = (await db.query(`
    set local enable_seqscan = on; set local plan_cache_mode = auto;
    with bounds as materialized (select ${since} as since, ${until} as until)
    ${Object.values(statements).join('\nunion all\n')}
    order by 1, 2 limit 1000`)) as unknown as { rows: { check: CheckName; id: string }[] }[]
  const { rows } = results.at(-1)!
  return rows.map(({ check, id }) => ({ check, id, text: checkTexts[check].en }))
}

const within = (id: string): string =>
  `${id} >= (select since from bounds) and ${id} <= (select until from bounds)`

const recent = (table: string): string => within(`${table}.id`)

const statements: Record<CheckName, string> = {
  C1: `select 'C1' as check, t.id from transmission t
       where ${recent('t')} and t.direction = 'in' and t.state = 'accepted'
         and (t.raw_id is null or not exists (
           select from entry e
           where e.transmission_id = t.id and e.document_id is null and e.type not like 'delivery.%'))`,
  C2: `select 'C2', t.id from transmission t
       where ${recent('t')} and t.direction = 'in' and t.state = 'accepted' and t.kind = 'file'
         and t.duplicate_of is null and t.at < now() - interval '5 minutes'
         and not exists (select from document d where d.transmission_id = t.id)`,
  C3: `select 'C3', i.id from interchange i
       where ${recent('i')} and i.direction = 'in' and i.state <> 'open'
         and i.documents <> (select count(*) from document d where d.interchange_id = i.id and d.origin_id is null)`,
  C4: `select 'C4', d.id from document d
       where ${recent('d')} and d.processing = 'processed'
         and not exists (select from output o where o.document_id = d.id)
         and not exists (select from acknowledgement a where a.way = 'expected' and a.evidence_id = d.transmission_id)
         -- an answer that only says 'received' is no evidence any more once the final one has come: the match stands
         and not exists (select from entry e where e.document_id = d.id and e.type = 'document.matched')
         and not exists (select from document c where c.origin_id = d.id)`,
  C5: `select 'C5', d.id from document d
       where ${recent('d')} and (d.processing = 'held') <>
         exists (select from hold h where h.document_id = d.id and h.decision is null)`,
  C6: `select 'C6', d.id from delivery d
       where d.state = 'sending' and d.lease_until < now() - interval '1 minute'
          or d.state = 'pending' and d.due_at < now() - interval '1 hour' and d.overdue_at is null`,
  C7: `select 'C7', d.id from delivery d
       where ${recent('d')} and d.state = 'delivered'
         and not exists (select from transmission t where t.delivery_id = d.id and t.state = 'taken')`,
  C8: `select 'C8', o.document_id from output o
       where ${within('o.document_id')} and o.copy > 0
         and not exists (select from entry e where e.document_id = o.document_id and e.actor like 'person:%')`,
  // in each partner's history the numbers are those of as many entries, from 1 on where all are looked at
  C9: `select 'C9', coalesce(e.partner_id, min(u.id::text)::uuid)
       from ledger_place p cross join lateral unnest(p.ids, p.pseqs) as u (id, pseq)
       left join entry e on e.id = u.id
       where ${within('p.greatest_id')}
       group by e.partner_id
       having count(e.id) <> count(*) or max(u.pseq) - min(u.pseq) + 1 <> count(u.pseq)
         or (select since from bounds) = '00000000-0000-0000-0000-000000000000' and min(u.pseq) <> 1`,
}
