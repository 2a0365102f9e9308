/** Mutants that no test notices and none should, each with the reason; whoever adds one has tried to write the test first. */
export interface Harmless {
  readonly why: string;
  /** Their ids. */
  readonly mutants: readonly string[];
}

export const HARMLESS: readonly Harmless[] = [
  {
    why: "There is one at most: names of directors are unique within a map, a message has one list of certificates, a wave one set of facts. The first is the last.",
    mutants: ["4c9ae68d", "cefc77e2", "05266796", "c0a248c4", "61622690"],
  },
  {
    why: "The compiler needs it to know the type; for a value of another type the other half of the condition says the same.",
    mutants: ["426f8551", "8accbfc4", "81eaa2ec", "390a9e7f", "4bb14bce"],
  },
  {
    why: "What is of the wrong type, or not there, is refused at the next line with the same code: it cannot be decoded, imported or found.",
    mutants: ["3a08753b", "f090369c", "0492a78a", "d81e15f9"],
  },
  {
    why: "Never so: who reads a role has looked that its keys are there, everything that is thrown is an Error, a URN has a last part, and no other error has this code.",
    mutants: ["8866872a", "5dbb4b21", "97dd99f6", "3ace44e5", "844c2d88"],
  },
  { why: "A length of 0x80 was refused in the line before.", mutants: ["21ce1145", "2c45bf3b", "520b7b18", "dd2a6397"] },
  {
    why: "Nobody is no more than any share of a count, three of three are all, and one canary is as right as none: both sides of the boundary give the same.",
    mutants: ["0c5cb09d", "1d6d8fe0", "57b22bf6", "048d4651"],
  },
  {
    why: "Waves count from 0, the one under way is among its campaign's, campaigns were not resumed in 1970, and their target is software.",
    mutants: ["10b3da29", "4df3fdfc", "1a9366ae", "1a1ed9e6"],
  },
  { why: "Of a wave of which nothing is known yet nobody asks this.", mutants: ["025bc80a", "9fefe604", "53acd073"] },
  { why: "JSON leaves out a member that is undefined.", mutants: ["99a3efdd", "1532d5f7"] },
  {
    why: "No two members have one name, no two devices one rank, and sorting asks for the sign alone.",
    mutants: ["fd3cf6cd", "d47adbcb", "61ae2e12"],
  },
  {
    why: "WebCrypto says the same by itself: an empty signature does not verify, the curve of EdDSA is Ed25519, a key that leaves its function for nobody need not be locked in, and who certifies a key only signs with it.",
    mutants: ["66c7742f", "a5989a6a", "bdbc0d75", "86e1cdc5", "8e0c2860"],
  },
  {
    why: "Date.parse refuses text behind a time in this form, and a time printed with milliseconds has one dot.",
    mutants: ["86341c3c", "5e059e9e"],
  },
  { why: "A start of -1 is the last byte, which is what is asked for.", mutants: ["01a7b645"] },
  { why: "Words for people, and a millisecond that is cut off.", mutants: ["0737dd6e", "f352e3e3"] },
  {
    why: "Only work is saved: the first director's refusal is told however many are asked.",
    mutants: ["9214d11f", "b89d94dc"],
  },
  {
    why: "Only work is saved, or a moment moved at which others go first: buffers grow by themselves, buckets may be fewer, more, or sorted though they are empty, sets are given back later or filled in no order, and without caps the capped ladder is the same.",
    mutants: [
      "96657a36",
      "b8c0c17e",
      "2641a03a",
      "fe4f2fb8",
      "15679d3f",
      "a0bdd957",
      "aae19145",
      "bd460801",
      "d196b547",
      "c39987b7",
      "6d15a9fe",
      "332f8cfe",
      "a89f4a43",
      "c37af4d7",
      "cad60e4f",
      "dcc008a9",
    ],
  },
  {
    why: "Two documents of one director and one version would have to be signed by its root twice over; either is as much its word as the other.",
    mutants: ["140d3b25"],
  },
  { why: "A P-256 key whose x is one of these seven numbers is met once in 2^250.", mutants: ["00528d35"] },
  {
    why: "The serial number stays random: two of its bytes would share six bits. A server without a name is asked for by nobody.",
    mutants: ["6b626f89", "c30c45d0"],
  },
  { why: "To notice it takes 8,000,000 rounds of PBKDF2 in every test run; one round more is refused by a test.", mutants: ["9df6010b"] },
];

export function reasonOf(id: string): string | undefined {
  return HARMLESS.find(({ mutants }) => mutants.includes(id))?.why;
}
