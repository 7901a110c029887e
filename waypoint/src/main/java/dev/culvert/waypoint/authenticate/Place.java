// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import dev.culvert.policy.resource.JwtRule;
import dev.culvert.waypoint.http.Query;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Where a request may carry a token. */
sealed interface Place {
  /** Gives the tokens that are there. */
  void find(HttpRequest head, Consumer<String> token);

  /** Takes them out of the request. */
  void clear(HttpRequest head);

  /** All places, in the order in which they are looked at. */
  static List<Place> of(JwtRule.Places places) {
    List<Place> all = new ArrayList<>();
    places
        .headers()
        .forEach(header -> all.add(new Field(AsciiString.cached(header.name()), header.prefix())));
    places.params().forEach(name -> all.add(new Parameter(name)));
    places.cookies().forEach(name -> all.add(new Cookie(name)));
    return all;
  }

  /** A header field. */
  record Field(AsciiString name, String prefix) implements Place {
    @Override
    public void find(HttpRequest head, Consumer<String> token) {
      Iterator<String> values = head.headers().valueStringIterator(name);
      while (values.hasNext()) {
        String value = values.next();
        if (isToken(value)) {
          token.accept(value.substring(prefix.length()).strip());
        }
      }
    }

    /** The scheme of Authorization is case-insensitive (RFC 9110, section 11.1). */
    private boolean isToken(String value) {
      return value.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    @Override
    public void clear(HttpRequest head) {
      List<String> others = new ArrayList<>(0);
      for (String value : head.headers().getAll(name)) {
        if (!isToken(value)) {
          others.add(value);
        }
      }
      head.headers().remove(name);
      others.forEach(value -> head.headers().add(name, value));
    }
  }

  /** A parameter of the query. */
  record Parameter(String name) implements Place {
    @Override
    public void find(HttpRequest head, Consumer<String> token) {
      Query.parameters(Query.of(head.uri())).getOrDefault(name, List.of()).forEach(token);
    }

    @Override
    public void clear(HttpRequest head) {
      int mark = head.uri().indexOf('?');
      if (mark >= 0) {
        String path = head.uri().substring(0, mark);
        String rest = without(head.uri().substring(mark + 1), "&", this::isNot);
        head.setUri(rest.isEmpty() ? path : path + "?" + rest);
      }
    }

    private boolean isNot(String pair) {
      return !Query.parameters(pair).containsKey(name);
    }
  }

  /** A cookie. */
  record Cookie(String name) implements Place {
    @Override
    public void find(HttpRequest head, Consumer<String> token) {
      for (String field : head.headers().getAll(HttpHeaderNames.COOKIE)) {
        for (String pair : field.split(";", -1)) {
          if (!isNot(pair)) {
            token.accept(pair.strip().substring(name.length() + 1));
          }
        }
      }
    }

    @Override
    public void clear(HttpRequest head) {
      List<String> fields = head.headers().getAll(HttpHeaderNames.COOKIE);
      List<String> rest =
          fields.stream()
              .map(field -> without(field, ";", this::isNot))
              .filter(field -> !field.isEmpty())
              .toList();
      head.headers().set(HttpHeaderNames.COOKIE, rest);
    }

    private boolean isNot(String pair) {
      return !pair.strip().startsWith(name + "=");
    }
  }

  private static String without(String text, String separator, Predicate<String> kept) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(separator, -1)) {
      if (kept.test(part)) {
        parts.add(part);
      }
    }
    return String.join(separator, parts).strip();
  }
}
