// Passages out of files: JSON lines as they are, text cut by its paragraphs.

/// The most words of a passage: what models of the project read of one.
const wordLimit = 100;

/// - Returns: `{passages, problems}`; a problem names its line.
export function readFile(name, text) {
  return /\.(jsonl|ndjson)$/i.test(name) ? readLines(text) : { passages: cutText(name, text), problems: [] };
}

function readLines(text) {
  const passages = [];
  const problems = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    try {
      passages.push(passage(JSON.parse(line)));
    } catch (error) {
      problems.push(`line ${index + 1}: ${error.message}`);
    }
  });
  return { passages, problems };
}

function passage(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("an object is right");
  const { id, title, text, metadata } = value;
  if (typeof id !== "string" || id === "") throw new Error("\"id\" is a text, and is missing or empty");
  if (typeof text !== "string" || text.trim() === "") throw new Error("\"text\" is missing or empty");
  if (title !== undefined && typeof title !== "string") throw new Error("\"title\" is a text");
  return { id, text, ...(title === undefined ? {} : { title }), ...(metadata === undefined ? {} : { metadata }) };
}

/// Paragraphs are joined while they fit, and cut where one alone does not. A Markdown heading begins a passage, and is its title.
function cutText(name, text) {
  const pieces = [];
  let title = name.replace(/\.[^.]+$/, "");
  let words = [];
  let paragraph = [];
  const endPassage = () => {
    if (words.length > 0) pieces.push({ title, text: words.join(" ") });
    words = [];
  };
  const endParagraph = () => {
    while (paragraph.length > 0) {
      if (words.length + paragraph.length > wordLimit) endPassage();
      words.push(...paragraph.splice(0, wordLimit));
    }
  };
  const isMarkdown = /\.(md|markdown)$/i.test(name);
  for (const line of text.split("\n")) {
    const heading = isMarkdown ? /^#{1,6}\s+(.+?)\s*#*\s*$/.exec(line) : null;
    if (heading || line.trim() === "") endParagraph();
    if (heading) {
      endPassage();
      title = heading[1];
    } else {
      for (const word of line.split(/\s+/)) if (word !== "") paragraph.push(word);
    }
  }
  endParagraph();
  endPassage();
  return pieces.map((piece, index) => ({ id: `${name}#${index}`, ...piece, metadata: { file: name } }));
}
