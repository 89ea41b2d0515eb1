# Flattens a JSON document: a line "path/to/key<TAB>value" for every string in it.
BEGIN { RS = "\001" }
{
  length_of_text = length($0); depth = 0
  for (i = 1; i <= length_of_text; i++) {
    c = substr($0, i, 1)
    if (c == "\"") {
      text = ""
      for (i++; i <= length_of_text; i++) {
        c = substr($0, i, 1)
        if (c == "\"") break
        if (c == "\\") {
          c = substr($0, ++i, 1)
          if (c == "n" || c == "r" || c == "t") c = " "
        }
        text = text c
      }
      if (is_key[depth]) name[depth] = text
      else {
        path = name[1]
        for (level = 2; level <= depth; level++) path = path "/" name[level]
        print path "\t" text
      }
    }
    else if (c == "{") { depth++; is_key[depth] = is_object[depth] = 1 }
    else if (c == "[") { depth++; is_key[depth] = is_object[depth] = 0; name[depth] = "" }
    else if (c == "}" || c == "]") depth--
    else if (c == ":") is_key[depth] = 0
    else if (c == ",") is_key[depth] = is_object[depth]
  }
}
