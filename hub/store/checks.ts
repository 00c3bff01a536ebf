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

/**
 * Runs the nine checks of the promise; each row is an incident. With `days` it looks only at rows of the last days, which
 * is what runs every minute; null looks at everything.
 */
export async function findBrokenFacts(db: Queryable, days: number | null): Promise<BrokenFact[]> {
  const seconds = days === null ? 'null' : String(days * 86_400)
  // many rows at once: planned each time, and whole tables may be read. Statements that are sent together are one
  // transaction, at whose end the settings end
  const results = (await db.query(`
    set local enable_seqscan = on; set local plan_cache_mode = auto;
    with since as materialized (
      select case when ${seconds}::float8 is null then '00000000-0000-0000-0000-000000000000'::uuid
                  else id_floor(now() - make_interval(secs => ${seconds}::float8)) end as id)
    ${Object.values(statements).join('\nunion all\n')}
    order by 1, 2 limit 1000`)) as unknown as { rows: { check: CheckName; id: string }[] }[]
  const { rows } = results.at(-1)!
  return rows.map(({ check, id }) => ({ check, id, text: checkTexts[check].en }))
}

const recent = (table: string): string => `${table}.id >= (select id from since)`

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
         and i.documents <> (select count(*) from document d where d.interchange_id = i.id)`,
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
       where o.document_id >= (select id from since) and o.copy > 0
         and not exists (select from entry e where e.document_id = o.document_id and e.actor like 'person:%')`,
  // in each partner's history the numbers are those of as many entries, from 1 on where all are looked at
  C9: `select 'C9', coalesce(e.partner_id, min(u.id::text)::uuid)
       from ledger_place p cross join lateral unnest(p.ids, p.pseqs) as u (id, pseq)
       left join entry e on e.id = u.id
       where p.greatest_id >= (select id from since)
       group by e.partner_id
       having count(e.id) <> count(*) or max(u.pseq) - min(u.pseq) + 1 <> count(u.pseq)
         or (select id from since) = '00000000-0000-0000-0000-000000000000' and min(u.pseq) <> 1`,
}
