// Reads cases of {token, url, form, signature}, and answers each with what npm's twilio makes of it.
const webhooks = require("twilio/lib/webhooks/webhooks");

const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = cases.map((c) => ({
  made: webhooks.getExpectedTwilioSignature(c.token, c.url, c.form),
  accepted: c.body === undefined
    ? webhooks.validateRequest(c.token, c.signature, c.url, c.form)
    : webhooks.validateRequestWithBody(c.token, c.signature, c.url, c.body),
}));
process.stdout.write(JSON.stringify(answers));
