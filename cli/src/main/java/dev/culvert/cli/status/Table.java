// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.status;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns as wide as their widest cell, the last one as long as it is. */
public final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  /** With these heads. */
  public Table(String... head) {
    rows.add(List.of(head));
  }

  /** Adds a row, a cell for each column. */
  public void row(String... cells) {
    rows.add(List.of(cells));
  }

  /** Nothing when there are no rows below the head. */
  public void print(PrintWriter out) {
    if (rows.size() == 1) {
      return;
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder("  ");
      for (int column = 0; column < row.size(); column++) {
        line.append(pad(row.get(column), width(column) + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
