// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Fields with {@code _} in the place of {@code -} or the other way around: backends that hand
 * fields on as variables cannot tell them apart (RFC 3875, section 4.1.18), so that one could be
 * taken for a proxy's word.
 */
public final class LookAlikes {
  private final Set<String> names = new HashSet<>();
  private final Set<String> looks = new HashSet<>();
  private final boolean plain;

  /**
   * @param names of the fields that others must not be taken for
   */
  public LookAlikes(Collection<String> names) {
    for (String name : names) {
      String lower = name.toLowerCase(Locale.ROOT);
      this.names.add(lower);
      this.looks.add(look(lower));
    }
    this.plain = this.names.equals(looks);
  }

  private static String look(String lower) {
    return lower.replace('_', '-');
  }

  /** Removes what looks like one of the fields and is none. */
  public void strip(HttpHeaders headers) {
    for (String name : of(headers)) {
      headers.remove(name);
    }
  }

  private List<String> of(HttpHeaders headers) {
    List<String> found = List.of();
    Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
    while (fields.hasNext()) {
      CharSequence name = fields.next().getKey();
      if (mayBe(name) && isLookAlike(name.toString().toLowerCase(Locale.ROOT))) {
        found = found.isEmpty() ? new ArrayList<>(2) : found;
        found.add(name.toString());
      }
    }
    return found;
  }

  /** Hardly a field has a {@code _}, and hardly one that is protected. */
  private boolean mayBe(CharSequence name) {
    return AsciiString.indexOf(name, '_', 0) >= 0 || !plain;
  }

  private boolean isLookAlike(String lower) {
    return looks.contains(look(lower)) && !names.contains(lower);
  }
}
