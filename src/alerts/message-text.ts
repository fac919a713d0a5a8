/** A text for a line in Slack, which reads <…> as commands (<!channel>) and links; these three characters are all that is to be escaped. */
export function slackText(text: string): string {
  return oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A text without line breaks: subjects and lines of e-mails end at one. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
