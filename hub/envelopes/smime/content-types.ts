/** Content types of CMS by object identifier: RFC 5652, RFC 5083, RFC 3274. They decide what is opened, never the MIME label. */
export const contentTypes = {
  data: '1.2.840.113549.1.7.1',
  signed: '1.2.840.113549.1.7.2',
  enveloped: '1.2.840.113549.1.7.3',
  authEnveloped: '1.2.840.113549.1.9.16.1.23',
  compressed: '1.2.840.113549.1.9.16.1.9',
} as const

/** Signed attributes, and the compression algorithm. */
export const attributeOids = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
} as const

export const zlibOid = '1.2.840.113549.1.9.16.3.8'
