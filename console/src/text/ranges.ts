export type Range = [number, number];
export interface Piece {
  text: string;
  marked: boolean;
}

// cutAt cuts a text where ranges (bytes of its UTF-8 form, from and to) begin and end. Ranges beyond the
// text are cut off; ranges that overlap count once.
export function cutAt(text: string, ranges: Range[]): Piece[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const pieces: Piece[] = [];
  const put = (from: number, to: number, marked: boolean) => {
    if (to > from) {
      pieces.push({ text: decoder.decode(bytes.subarray(from, to)), marked });
    }
  };
  let at = 0;
  for (const [begin, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const from = Math.max(at, Math.min(begin, bytes.length));
    const to = Math.max(from, Math.min(end, bytes.length));
    put(at, from, false);
    put(from, to, true);
    at = to;
  }
  put(at, bytes.length, false);
  return pieces;
}

const near = 28;

// shorten leaves out what is far from every mark: the difference is what matters.
export function shorten(pieces: Piece[]): Piece[] {
  return pieces.map((piece, i) => {
    if (piece.marked || piece.text.length <= 2 * near + 3) {
      return piece;
    }
    const head = i === 0 ? '' : piece.text.slice(0, near);
    const tail = i === pieces.length - 1 ? '' : piece.text.slice(-near);
    return { marked: false, text: `${head}…${tail}` };
  });
}

// visible writes blanks and line ends inside of a mark as signs: they are what differs.
export const visible = (text: string) => text.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥');
