/** A document over the limit of the reader. */
export class DocumentTooLarge extends Error {
  override readonly name = 'DocumentTooLarge';
}
