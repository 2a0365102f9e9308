/**
 * Text on A4 pages: a cursor that goes down, breaks lines and pages, and numbers them. The standard fonts know Western European letters only,
 * so anything else is shown as a question mark; HTML and JSON have every letter. Bytes depend on nothing but what is written. Pure.
 */
import { PageSizes, PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from "@cantoo/pdf-lib";
import { quoted } from "../quoted.ts";

const [WIDTH, HEIGHT] = PageSizes.A4;
const MARGIN = 48;
const LEADING = 1.35;
const INK = rgb(0.08, 0.13, 0.17);
const SOFT = rgb(0.36, 0.4, 0.45);
/** Between the columns of a table. Points. */
const GAP = 8;
/** Of Helvetica's letters. */
const NARROWEST = "'";

export interface TextStyle {
  /** Points. */
  readonly size?: number;
  readonly isBold?: boolean;
  readonly isSoft?: boolean;
  /** From the left margin. Points. */
  readonly indent?: number;
}

export interface PagesTerms {
  readonly title: string;
  /** Stands in the document as its date. ms since the epoch */
  readonly atMs: number;
}

export class Pages {
  readonly #document: PDFDocument;
  readonly #regular: PDFFont;
  readonly #bold: PDFFont;
  readonly #terms: PagesTerms;
  #page: PDFPage;
  #y = HEIGHT - MARGIN;

  private constructor(document: PDFDocument, fonts: { readonly regular: PDFFont; readonly bold: PDFFont }, terms: PagesTerms) {
    this.#document = document;
    this.#regular = fonts.regular;
    this.#bold = fonts.bold;
    this.#terms = terms;
    this.#page = document.addPage(PageSizes.A4);
  }

  static async open(terms: PagesTerms): Promise<Pages> {
    const document = await PDFDocument.create({ updateMetadata: false });
    const date = new Date(terms.atMs);
    document.setTitle(fit(terms.title), { showInWindowTitleBar: true });
    document.setLanguage("en");
    document.setProducer("Edict");
    document.setCreationDate(date);
    document.setModificationDate(date);
    const [regular, bold] = [await document.embedFont(StandardFonts.Helvetica), await document.embedFont(StandardFonts.HelveticaBold)];
    return new Pages(document, { regular, bold }, terms);
  }

  /** Width between the margins. Points. */
  get width(): number {
    return WIDTH - 2 * MARGIN;
  }

  heading(text: string): void {
    // Never alone at the foot of a page.
    this.room(64);
    this.#y -= 10;
    this.text(text, { size: 12, isBold: true });
    this.#y -= 2;
  }

  text(text: string, style: TextStyle = {}): void {
    const { size = 9, isBold = false, isSoft = false, indent = 0 } = style;
    const font = isBold ? this.#bold : this.#regular;
    for (const line of this.#wrapped(fit(text), font, size, this.width - indent)) {
      this.room(size * LEADING);
      this.#y -= size * LEADING;
      this.#page.drawText(line, { x: MARGIN + indent, y: this.#y, size, font, color: isSoft ? SOFT : INK });
    }
  }

  /** Cells side by side, each cut to its column; `widths` are shares (0..1) of the page. A negative width: right-aligned. */
  row(cells: readonly string[], widths: readonly number[], { size = 9, isBold = false, isSoft = false }: TextStyle = {}): void {
    const font = isBold ? this.#bold : this.#regular;
    this.room(size * LEADING);
    this.#y -= size * LEADING;
    let x = MARGIN;
    for (const [column, cell] of cells.entries()) {
      const share = widths[column] ?? 0;
      const width = Math.abs(share) * this.width;
      const text = this.#cut(fit(cell), font, size, width - GAP);
      const at = share < 0 ? x + width - GAP - font.widthOfTextAtSize(text, size) : x;
      this.#page.drawText(text, { x: at, y: this.#y, size, font, color: isSoft ? SOFT : INK });
      x += width;
    }
  }

  /** A box of this height for a drawing, with its lower left corner. */
  box(height: number): { readonly page: PDFPage; readonly x: number; readonly y: number } {
    this.room(height);
    this.#y -= height;
    return { page: this.#page, x: MARGIN, y: this.#y };
  }

  /** Begins a page unless this much is left on it. Points. */
  room(height: number): void {
    if (this.#y - height >= MARGIN) return;
    this.#page = this.#document.addPage(PageSizes.A4);
    this.#y = HEIGHT - MARGIN;
  }

  async bytes(): Promise<Uint8Array> {
    const pages = this.#document.getPages();
    const title = this.#cut(fit(this.#terms.title), this.#regular, 8, this.width - 60);
    for (const [index, page] of pages.entries()) {
      const number = `${index + 1} of ${pages.length}`;
      const x = WIDTH - MARGIN - this.#regular.widthOfTextAtSize(number, 8);
      page.drawText(title, { x: MARGIN, y: 26, size: 8, font: this.#regular, color: SOFT });
      page.drawText(number, { x, y: 26, size: 8, font: this.#regular, color: SOFT });
    }
    return this.#document.save();
  }

  /** At blanks; a word that is wider than the page is broken where it must be, for nothing may run out of it. */
  #wrapped(text: string, font: PDFFont, size: number, width: number): string[] {
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (font.widthOfTextAtSize(longer, size) <= width) {
        line = longer;
        continue;
      }
      if (line !== "") lines.push(line);
      line = word;
      for (let letters = fitting(line, font, size, width); letters < line.length; letters = fitting(line, font, size, width)) {
        lines.push(line.slice(0, letters));
        line = line.slice(letters);
      }
    }
    return [...lines, line];
  }

  #cut(text: string, font: PDFFont, size: number, width: number): string {
    const end = "...";
    if (font.widthOfTextAtSize(text, size) <= width) return text;
    return text.slice(0, fitting(text, font, size, width - font.widthOfTextAtSize(end, size))) + end;
  }
}

/** How many letters of the text are no wider than this; at least one. */
function fitting(text: string, font: PDFFont, size: number, width: number): number {
  let letters = Math.min(text.length, Math.ceil(width / font.widthOfTextAtSize(NARROWEST, size)));
  while (letters > 1 && font.widthOfTextAtSize(text.slice(0, letters), size) > width) letters -= 1;
  return letters;
}

/** What the fonts can show (Windows-1252 less what a device could play tricks with). */
function fit(text: string): string {
  return quoted(text, Infinity).replace(
    /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u00ff\u20ac\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026]/gu,
    "?",
  );
}
