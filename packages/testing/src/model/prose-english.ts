import type { Language } from './language'

const resume = `\`\`\`http
GET /api/chat/streams/7Qd2 HTTP/1.1
Accept: text/event-stream
Last-Event-ID: k3x-41
\`\`\``

export const english: Language = {
  openings: [
    'An answer that arrives word by word is a conversation with the network as much as with the model. Here is what keeps it whole.',
    'Good question. A streamed answer feels simple on a desk with a cable, and gets interesting on a train.',
    'Let us begin with what can go wrong, because the design follows from it almost by itself.',
  ],
  topics: [
    {
      words: ['resume', 'reconnect', 'cut', 'survive', 'lost', 'network', 'plug'],
      paragraphs: [
        'The heart of the matter is to separate the answer from the connection that carries it. The server writes every piece into a log and gives it a number; a connection is only a window through which somebody reads that log. When the window breaks, nothing is lost but the view.',
        'The client therefore remembers one small thing: the number of the last piece that it has really shown. After a cut it asks for everything behind that number:',
        resume,
        'Three rules make this safe:\n\n- The number is remembered after the piece was handled, never before.\n- A piece that comes twice is recognised by its number and dropped.\n- A connection that ends without the final entry was interrupted, however politely it ended.',
        'Seen this way, a reload, a second tab and a lost connection are the same event: somebody reads on from a position. Nothing needs to be asked again, and nobody pays the model twice.',
      ],
    },
    {
      words: ['slow', 'pressure', 'memory', 'fast', 'buffer', 'speed', 'token'],
      paragraphs: [
        'A model can write faster than a phone on a weak signal can read. If the server simply keeps everything that has not been delivered yet, a thousand slow readers become a thousand growing queues, and the memory of the machine decides when the service ends.',
        'The remedy is old and calm: write until the socket says that it is full, then stop, and go on when it has drained. With a shared log behind it, a slow reader costs a position and not a queue.',
        '```ts\nfor (const entry of log.after(position)) {\n  if (!response.write(entry.bytes)) await once(response, "drain")\n}\n```',
        'It helps to watch a few quantities while you test:\n\n1. Bytes that wait in the process for one reader. This must have a bound.\n2. The time from the first byte to the first visible word.\n3. The distance between the head of the log and the slowest reader.',
        'A reader that has made no progress for a long time should be told to come back later. One that is slow but moving should be left in peace.',
      ],
    },
    {
      words: ['retry', 'error', '503', '429', 'timeout', 'backoff', 'fail'],
      paragraphs: [
        'Not every failure deserves another attempt. A wrong key stays wrong, and asking again only fills the logs; a busy server, on the other hand, is usually fine a moment later. So the first decision is a sorting: permanent errors are shown at once, passing ones are waited out.',
        'Waiting has an art of its own. When a server restarts, everybody who was connected notices in the same instant. If they all return in the same instant too, they knock it over again. Each client therefore draws its delay at random, and the range doubles from attempt to attempt.',
        '- `429` and `503` often carry a `Retry-After`: believe it, within reason.\n- A reset in the middle of the answer is a reason to resume, not to start over.\n- Progress, and not a mere connection, sets the count of failures back to zero.',
        '```ts\nconst delay = Math.random() * Math.min(15_000, 500 * 2 ** failures)\n```',
        'Finally, say what is happening. "Reconnecting, second attempt, in three seconds" keeps people patient; a spinner that never ends does not.',
      ],
    },
  ],
  closings: [
    'If you try only one thing, pull the plug in the middle of this sentence and watch where it goes on. 🌊',
    'The best compliment for such a system is that nobody notices it: the answer pauses, breathes, and goes on. 🚀',
    'Small pieces, clear numbers, honest endings. The rest is patience. ☕️',
  ],
}
