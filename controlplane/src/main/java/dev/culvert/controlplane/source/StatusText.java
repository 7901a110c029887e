// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source;

import dev.culvert.policy.resource.ResourceError;
import java.util.List;
import java.util.stream.Collectors;

/** What is wrong, as JSON. */
final class StatusText {
  private StatusText() {}

  static String of(List<ResourceError> errors, List<String> notices) {
    return "{\"errors\":%s,\"notices\":%s}\n"
        .formatted(
            array(errors.stream().map(StatusText::error).toList()),
            array(notices.stream().map(StatusText::quoted).toList()));
  }

  private static String error(ResourceError error) {
    return "{\"file\":%s,\"document\":%d,\"line\":%d,\"field\":%s,\"problem\":%s,\"remedy\":%s}"
        .formatted(
            quoted(error.file()),
            error.document(),
            error.line(),
            quoted(error.field()),
            quoted(error.problem()),
            quoted(error.remedy()));
  }

  private static String array(List<String> items) {
    return items.stream().collect(Collectors.joining(",\n ", "[", "]"));
  }

  /** RFC 8259, section 7. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
              } else if (c < 0x20 || c == 0x7f || Character.isSurrogate((char) c)) {
                quoted.append("\\u%04x".formatted(c));
              } else {
                quoted.append((char) c);
              }
            });
    return quoted.append('"').toString();
  }
}
