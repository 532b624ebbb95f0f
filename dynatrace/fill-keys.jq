# Fills the record keys into openpipeline-processor.json. $keys: keys of all stacks that write to the environment, separated
# by spaces; empty for functions without RECORD_KEY, whose records anyone who can print a log line can imitate.
[$keys | splits("[\\s,]+") | select(. != "")] as $all
| ($all | map(select(test("^[0-9a-z]{16,64}$") | not))) as $wrong
| if $wrong != [] then error("not a record key: " + ($wrong | join(" "))) else . end
| .[0].value.processing.processors[0] |= (
    (.matcher |= sub("\\(matchesPhrase.*$";
      if $all == [] then "matchesPhrase(content, \"\\\"dns.client.attribution\\\":\")"
      else "(" + ($all | map("matchesPhrase(content, \"\\\"dns.key\\\":\\\"\(.)\\\"\")") | join(" or ")) + ")" end))
    | (.sampleData |= sub("<RECORD_KEY>"; $all[0] // "none")))
