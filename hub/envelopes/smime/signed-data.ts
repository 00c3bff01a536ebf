import { tags, type Element } from './asn1/element.ts'
import type { BerStream } from './asn1/stream.ts'

/**
 * SignedData (RFC 5652 §5.1) behind its ContentInfo: the encapsulated content, where there is one, goes to `onContent` as
 * a stream together with the object identifiers of the digests; certificates and revocation lists are skipped, since only
 * pinned certificates are trusted.
 */
export async function readSignedData(
  ber: BerStream,
  onContent: (content: AsyncGenerator<Buffer>, digestOids: string[]) => Promise<void>,
): Promise<{ signerInfos: Element; encapsulated: string }> {
  const outer = await ber.enter(tags.sequence)
  const version = await ber.element()
  version.small()
  const digestOids = (await ber.element())
    .parts(tags.set)
    .map((algorithm) => algorithm.part(tags.sequence, 0).oid())
  const info = await ber.enter(tags.sequence)
  const encapsulated = (await ber.element()).oid()
  if ((await ber.tagIn(info)) !== null) {
    const explicit = await ber.enter(0xa0)
    await onContent(ber.octets(await ber.header()), [...new Set(digestOids)])
    await ber.leave(explicit)
  }
  await ber.leave(info)
  let element = await ber.element()
  while (element.tag === 0xa0 || element.tag === 0xa1) element = await ber.element()
  await ber.leave(outer)
  return { signerInfos: element, encapsulated }
}
