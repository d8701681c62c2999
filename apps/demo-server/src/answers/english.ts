// Above 150 lines: what the models say about each topic, in one place, so that it can be read as they say it.
import type { AnswerLanguage } from './topic'

export const english: AnswerLanguage = {
  doubt:
    '> **What I am less sure of.** The numbers above are the ones that people quote most often. Measure your own before you build on them.',
  proposal: (title) => `I will put **${title}** into your calendar, so that it does not stay a good intention.`,
  proposed: (title) => `**${title}** is ready for your calendar already: I was told so, and do not make it twice.`,
  topics: [
    {
      words: ['network', 'connection', 'stream', 'resume', 'reconnect', 'cut', 'survive', 'offline', 'keepstream'],
      thought:
        'The question is about answers that outlive their connection. The usual mistake is to treat the connection as the answer itself. If the two are separated, most of the rest follows: the server keeps a log, each event has a number, and the reader only has to remember one of them. I should say what breaks first, then the remedy, then show how little code it takes. A short list of rules is worth more than a long explanation. I should also mention the clean close, because nearly everybody forgets it.',
      brief:
        '## The answer is not the connection\n\nA streamed answer breaks because most code treats the **connection** as if it were the **answer**. Keep the two apart:\n\n1. The server writes every piece into a *log* and gives it a number.\n2. A connection is only a window into that log.\n3. Whoever comes back says the last number that they have seen, and reads on from there.\n\nNothing is asked twice, nothing is paid for twice.',
      detail:
        '### What it looks like on the wire\n\n```http\nGET /api/chat/streams/7Qd2 HTTP/1.1\nAccept: text/event-stream\nLast-Event-ID: k3x-41\n```\n\nThe server replies with event 42, not with event 1.\n\n### Three rules that make it safe\n\n- **Remember late.** Note the number *after* the piece was shown, never before. Otherwise a cut inside an event loses a word for good.\n- **Drop repeats.** A piece that arrives twice is recognised by its number.\n- **Do not trust a polite ending.** A connection that closes properly without the last event was still cut.\n\n| what happens | what people see elsewhere | what they should see |\n|---|---|---|\n| the train enters a tunnel | an error, half a sentence | a pause |\n| the page is reloaded | an empty page | the same answer, still growing |\n| a proxy closes politely | half an answer that looks finished | the other half |\n\nTry it now: break the connection in the middle of this sentence and watch where it goes on.',
      event: { title: 'Pull the plug during a demo', start: '2027-01-14T10:00', minutes: 30 },
    },
    {
      words: ['code', 'function', 'typescript', 'javascript', 'debounce', 'python', 'program', 'bug', 'algorithm'],
      thought:
        'They want code, so the code should come early. A debounce function is small enough to be read at once and has two details that are often wrong: the type of the arguments, and how to cancel. I will show it in TypeScript, with a way to cancel, and then a test that does not sleep. One remark about throttling, because the two are mixed up all the time.',
      brief:
        'Here is a small, typed **debounce** in TypeScript: it calls `run` once things have been quiet for a while.\n\n```ts\nexport function debounce<T extends unknown[]>(run: (...args: T) => void, wait = 200) {\n  let timer: ReturnType<typeof setTimeout> | undefined\n  const debounced = (...args: T) => {\n    clearTimeout(timer)\n    timer = setTimeout(() => run(...args), wait)\n  }\n  return Object.assign(debounced, { cancel: () => clearTimeout(timer) })\n}\n```\n\nThe types of `run` carry over, so a wrong argument is an error before anything runs.',
      detail:
        '### How to use it\n\n```ts\nconst save = debounce((text: string) => store.write(text), 500)\n\nfield.addEventListener("input", () => save(field.value))\naddEventListener("pagehide", save.cancel)\n```\n\n### Debounce or throttle?\n\n| | debounce | throttle |\n|---|---|---|\n| calls | once, *after* the last event | at most once in each interval |\n| good for | search fields, saving a draft | scrolling, dragging, progress |\n| while events keep coming | stays silent | keeps calling |\n\nTwo things to watch:\n\n- Cancel it when its owner goes away. A timer that outlives a component writes into nothing.\n- In tests, use a fake clock. A test that really waits is slow *and* flaky.\n\nMore about timers: [setTimeout on MDN](https://developer.mozilla.org/en-US/docs/Web/API/Window/setTimeout).',
      event: { title: 'Replace the hand-written timers', start: '2027-01-12T14:00', minutes: 60 },
    },
    {
      words: ['sse', 'websocket', 'polling', 'compare', 'difference', 'versus', ' vs', 'which is better', 'protocol'],
      thought:
        'A comparison wants a table and a recommendation. Server-sent events, WebSockets and long polling differ in direction, in how they pass proxies, and in what they bring along for coming back. I should not pretend that one is always right. For text that a model writes, one direction is enough, so events over plain HTTP are the natural choice. Then say when that is wrong.',
      brief:
        '## Three ways to push text into a page\n\n| | server-sent events | WebSocket | long polling |\n|---|---|---|---|\n| direction | server to page | both | server to page |\n| passes proxies | nearly always | mostly | always |\n| knows where it was | yes, `Last-Event-ID` | you build it | you build it |\n| cost of one message | tens of bytes | a few bytes | a whole request |\n\n**For the answer of a model: server-sent events.** It is one direction, it is text, and it is plain HTTP.',
      detail:
        '### When I would choose otherwise\n\n- **WebSocket**, when the page talks as much as the server: a game, a shared document, speech.\n- **Long polling**, as the last resort, behind a proxy that collects everything before it passes it on.\n\n### What none of them gives you\n\n1. A *log* to read on from. `Last-Event-ID` is only a number that is sent back.\n2. A way to notice silence. All three can hang for minutes without an error.\n3. An honest ending. "Closed" and "finished" are different things.\n\n> The transport is the smaller half of the work. The larger half is knowing what the reader already has.\n\nThe details are in the [HTML standard](https://html.spec.whatwg.org/multipage/server-sent-events.html) and in [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455).',
      event: { title: 'Decide on the transport', start: '2027-01-13T11:00', minutes: 45 },
    },
    {
      words: ['trip', 'travel', 'plan', 'weekend', 'seoul', 'busan', 'holiday', 'visit', 'itinerary', 'day in'],
      thought:
        'A plan for a short trip. People like something that they can follow without thinking: times, places, a spare hour. I will take a day in Busan, since it has the sea, a market and a hill within a few stops of the underground. A table for the times, a list of what to take along, and one thing to leave out. Not too full.',
      brief:
        '## A day in Busan, without hurry\n\n| time | where | why |\n|---|---|---|\n| 09:00 | **Gamcheon** village | before the groups arrive |\n| 11:30 | **Jagalchi** market | lunch comes straight from the water |\n| 14:00 | Huinnyeoul path | the sea on one side, small cafés on the other |\n| 17:30 | **Haeundae** beach | the light is best an hour before sunset |\n\nFour places, one underground ticket, and time to sit down.',
      detail:
        '### Take along\n\n- shoes for stairs (Gamcheon has a good many)\n- a light jacket: the wind turns in the evening\n- some cash for the market\n\n### If it rains\n\n1. Swap the path for the **Busan Museum of Art**.\n2. Eat *dwaeji-gukbap*, a soup that was made for this weather.\n3. Keep Haeundae. The sea is better in the rain than its reputation.\n\n> Leave one thing out. A plan that is full at breakfast is broken by noon.\n\nThe underground runs from about 5 in the morning to midnight; a day ticket pays from the fourth ride on.',
      event: { title: 'A day in Busan', start: '2027-04-10T09:00', minutes: 600 },
    },
    {
      words: ['why is', 'sky', 'science', 'physics', 'star', 'moon', 'light', 'explain', 'how does', 'how do'],
      thought:
        'A question of the kind "why is it so". The sky is the best known example, and the usual answer stops halfway: it explains why blue scatters more than red, but not why the sky is not violet. I should give the short answer first, then the one number that matters, the fourth power, and then the part about the eye. A small experiment would make it stick.',
      brief:
        '## Why the sky is blue\n\nSunlight is a mixture of all colours. On its way through the air it meets molecules, and they **scatter short waves far more than long ones**: with the *fourth power* of the frequency.\n\nBlue light therefore reaches your eye from everywhere in the sky, and red light mostly straight from the sun.',
      detail:
        '### But violet is shorter still\n\nTrue, and it is scattered even more. Three things keep the sky from being violet:\n\n1. The sun sends less violet than blue.\n2. The upper air swallows part of it.\n3. Our eyes are poor at violet and good at blue.\n\n### The number behind it\n\n| colour | wavelength | scattered, compared with red |\n|---|---|---|\n| red | 650 nm | 1 × |\n| green | 530 nm | 2.3 × |\n| blue | 450 nm | 4.4 × |\n\n### See it at home\n\n- Put a few drops of milk into a glass of water.\n- Shine a torch through it from the side: the water looks **bluish**.\n- Look at the torch through the glass: it looks **orange**, like the sun in the evening.\n\n> In the evening the light takes a longer way. The blue has left it before it reaches you.',
      event: { title: 'The glass of milk experiment', start: '2027-01-16T18:00', minutes: 20 },
    },
    {
      words: ['write', 'email', 'letter', 'poem', 'story', 'mail', 'text for', 'draft', 'apolog', 'invite'],
      thought:
        'They want a text that they can send. The best help is a draft that is short, says the main thing in its first sentence, and asks for one thing only. I will write a mail that moves a meeting, because it is the most common one, and then name the three choices that I made, so that they can be changed.',
      brief:
        'Here is a draft that says the main thing first:\n\n> **Subject: Our meeting on Thursday – could we make it Friday?**\n>\n> Hi Mina,\n>\n> could we move our meeting from Thursday to **Friday, 10:00**? The figures come in on Thursday evening, and I would rather show you real ones than guesses.\n>\n> If Friday does not suit you, just send me two times that do.\n>\n> Thank you!\n> Jun',
      detail:
        '### Why it is written like this\n\n- **The request is in the subject.** Whoever reads it on a phone can answer without opening it.\n- **One reason, no apology tour.** A reason makes a change easy to accept; three make it sound like an excuse.\n- **A way out.** Two times from her are quicker than a long thread.\n\n### Make it warmer or cooler\n\n| | warmer | cooler |\n|---|---|---|\n| greeting | Hi Mina, I hope the move went well! | Dear Ms Kim, |\n| request | would Friday work for you? | I would like to propose Friday. |\n| ending | See you soon | Kind regards |\n\nRead it aloud once. Where you stumble, it is too long.',
      event: { title: 'Meeting with Mina (moved)', start: '2027-01-15T10:00', minutes: 30 },
    },
    {
      words: ['hello', 'hi', 'hey', 'who are you', 'what can you', 'help', 'good morning'],
      thought: 'A greeting. Keep it short and friendly, and say what can be tried here.',
      brief:
        'Hello! 👋 I am a **scripted model**: I run on your own machine, need no key, and cost nothing.\n\nAsk me about\n\n- answers that **survive the network**\n- a piece of **code**\n- a **trip**, a **letter**, or why the sky is blue',
      detail:
        '### And then break something\n\nWhile I am writing, cut my connection, reload the page or open a second tab. I will go on where you saw me last.\n\n```sh\nOPENAI_BASE_URL=… OPENAI_API_KEY=… npm run demo\n```\n\nwith a key of your own puts a real model in my place.',
      event: { title: 'Show this to somebody', start: '2027-01-11T16:00', minutes: 15 },
    },
  ],
  anything: {
    words: [],
    thought:
      'The question is open, and I know nothing about the person who asks. A useful answer gives a way to think about it instead of an opinion: what matters, what can be tried soon, and how to see whether it works. Three steps, one table, no more.',
    brief:
      '## A way to begin\n\nI do not know your situation, so here is what has helped with questions of this kind:\n\n1. **Say what would be different** if it were solved. One sentence.\n2. **Find the smallest step** that would show it.\n3. **Try it this week**, and look at what happened rather than at what was planned.',
    detail:
      '### What usually gets in the way\n\n| it feels like | it often is | what helps |\n|---|---|---|\n| too big | not cut into pieces | a first step of half an hour |\n| no time | no date | a place in the calendar |\n| not good enough | nothing to compare with | show it to one person |\n\n- Write the result down *before* you begin. It keeps the goal from moving.\n- Stop what does not work early. It is cheaper than it looks.\n- Keep what works, even if it is not elegant.\n\n> “Plans are nothing; planning is everything.”\n\nIf you tell me a little more, I can be more concrete.',
    event: { title: 'The first small step', start: '2027-01-12T09:00', minutes: 30 },
  },
}
