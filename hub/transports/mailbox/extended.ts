/** The two paths in the data of posix-rename@openssh.com (OpenSSH PROTOCOL §4.3), or null where it is malformed. */
export function renamePaths(data: Buffer | undefined): { from: string; to: string } | null {
  if (data === undefined) return null
  const from = stringAt(data, 0)
  if (from === null) return null
  const to = stringAt(data, from.end)
  if (to === null || to.end !== data.length) return null
  return { from: from.text, to: to.text }
}

function stringAt(data: Buffer, offset: number): { text: string; end: number } | null {
  if (offset + 4 > data.length) return null
  const end = offset + 4 + data.readUInt32BE(offset)
  if (end > data.length) return null
  return { text: data.toString('utf8', offset + 4, end), end }
}
