// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import java.util.List;

/** How the parts of a line are put together. */
sealed interface Layout {
  /** Stands for what is not known. */
  char UNKNOWN = '-';

  /** Appends the line. */
  void append(TemplatedEntry line, StringBuilder out);

  /** One after another. */
  record Text(List<Part> parts) implements Layout {
    @Override
    public void append(TemplatedEntry line, StringBuilder out) {
      for (int i = 0; i < parts.size(); i++) {
        if (!parts.get(i).append(line, out)) {
          out.append(UNKNOWN);
        }
      }
    }
  }

  /** As members of a JSON object. */
  record Json(List<Member> members) implements Layout {
    @Override
    public void append(TemplatedEntry line, StringBuilder out) {
      out.append('{');
      for (int i = 0; i < members.size(); i++) {
        if (i > 0) {
          out.append(',');
        }
        members.get(i).append(line, out);
      }
      out.append('}');
    }
  }

  /**
   * One of them. A number that stands alone is a number, and what stands alone and is not known is
   * null.
   *
   * @param name as JSON, with the colon
   */
  record Member(String name, Text value) {
    void append(TemplatedEntry line, StringBuilder out) {
      out.append(name);
      if (value.parts().size() != 1) {
        out.append('"');
        value.append(line, out);
        out.append('"');
        return;
      }
      Part part = value.parts().getFirst();
      String quote = part instanceof Part.WholeNumber ? "" : "\"";
      int begin = out.length();
      out.append(quote);
      if (part.append(line, out)) {
        out.append(quote);
      } else {
        out.setLength(begin);
        out.append("null");
      }
    }
  }
}
