import { cutAt, type Range, shorten, visible } from '~/text/ranges';

// MarkedText shows a signed text with what differs set apart by a line below it, not by colour alone.
export function MarkedText({ text, ranges, whole }: { text: string; ranges: Range[]; whole: boolean }) {
  const pieces = cutAt(text, ranges);
  return (
    <code className="payload">
      {(whole ? pieces : shorten(pieces)).map((piece, i) =>
        piece.marked ? <mark key={i}>{visible(piece.text)}</mark> : <span key={i}>{piece.text}</span>,
      )}
    </code>
  );
}
