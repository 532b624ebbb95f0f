/** Whether data starts with the magic number of gzip, `1f 8b`. https://www.rfc-editor.org/rfc/rfc1952#page-6 */
export const isGzip = (data: Uint8Array): boolean => data[0] === 0x1f && data[1] === 0x8b;
