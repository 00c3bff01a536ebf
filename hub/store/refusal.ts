import type { FormatName } from '#hub/model/format.ts'
import type { ChannelId, DocumentId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import type { Environment } from '#hub/model/states.ts'
import type { ChannelKind } from '#hub/model/transport.ts'
import type { Queryable } from './connect.ts'

/** A document that was refused, with what its sender's profile says of refusals. */
export interface RefusedDocument {
  id: DocumentId
  transmissionId: TransmissionId
  sender: PartnerId
  env: Environment
  format: FormatName | null
  type: string
  number: string | null
  /** Of its interchange, or empty. */
  reference: string
  /** `refusals`: it is told in a document, over the channel of the profile. */
  business: 'none' | 'refusals' | null
  channel: { id: ChannelId; kind: ChannelKind } | null
}

/** These documents with the channel over which their senders' profiles want answers, in the order of their ids. */
export async function findRefused(client: Queryable, ids: readonly DocumentId[]): Promise<RefusedDocument[]> {
  const { rows } = await client.query<
    Omit<RefusedDocument, 'channel'> & { channelId: ChannelId | null; channelKind: ChannelKind | null }
  >({
    name: 'find_refused',
    text: `select d.id, d.transmission_id as "transmissionId", d.sender, coalesce(d.env, 'live') as env, d.format, d.type,
                  d.number, coalesce(i.reference, '') as reference,
                  p.terms -> 'acknowledgements' ->> 'business' as business, c.id as "channelId", c.kind as "channelKind"
           from document d
           left join interchange i on i.id = d.interchange_id
           left join profile p on p.id = (d.versions -> 'profile' ->> 'id')::uuid
           left join lateral (
             select c.id, c.kind from channel c join partner o on o.id = c.partner_id
             where c.partner_id = p.partner_id and c.key = p.terms ->> 'channel'
                or o.key || '/' || c.key = p.terms ->> 'channel' limit 1) c on true
           where d.id = any($1::uuid[]) order by d.id`,
    values: [ids],
  })
  return rows.map(({ channelId, channelKind, ...row }) => ({
    ...row,
    channel: channelId === null || channelKind === null ? null : { id: channelId, kind: channelKind },
  }))
}
