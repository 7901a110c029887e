// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import dev.culvert.linux.file.FileExchange;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;

/**
 * An edit of a file that others write too: a reader sees the old text or the new one, and what
 * another renames into its place meanwhile is not lost.
 */
final class ListEdit {
  /** Not a suffix that a runtime reads. */
  private static final String DRAFT = ".culvert-draft";

  private ListEdit() {}

  /**
   * Puts a text in the place of another.
   *
   * @param before what it was made of
   * @return false when nothing is to be changed, or another text is there, which stays
   */
  static boolean replace(Path list, String before, String after) throws IOException {
    if (after.equals(before)) {
      return false;
    }
    Path draft = draft(list, after);
    FileExchange.exchange(draft, list);
    String placed = after;
    String expected = before;
    String removed = Files.readString(draft);
    while (!removed.equals(expected)) {
      // Another was quicker; its text goes back into place, and so on until nothing newer came out.
      FileExchange.exchange(draft, list);
      expected = placed;
      placed = removed;
      removed = Files.readString(draft);
    }
    // Only now is the draft nobody's: before, it may be what another wrote.
    Files.delete(draft);
    return placed.equals(after);
  }

  /** Removes drafts of agents that were killed in an edit. */
  static void removeDrafts(Path folder) throws IOException {
    try (DirectoryStream<Path> drafts = Files.newDirectoryStream(folder, ".*" + DRAFT)) {
      for (Path each : drafts) {
        Files.delete(each);
      }
    }
  }

  /** With the owner and the rights of the list. */
  private static Path draft(Path list, String text) throws IOException {
    Path draft = list.resolveSibling("." + list.getFileName() + DRAFT);
    Files.writeString(draft, text);
    PosixFileAttributes own =
        Files.readAttributes(list, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    PosixFileAttributeView view = Files.getFileAttributeView(draft, PosixFileAttributeView.class);
    view.setPermissions(own.permissions());
    view.setOwner(own.owner());
    view.setGroup(own.group());
    return draft;
  }
}
