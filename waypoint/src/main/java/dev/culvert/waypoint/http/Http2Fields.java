// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * What a header block says, in the form that phases see: HPACK's decoder puts the fields straight
 * into it. Names and values are checked (RFC 9113, sections 8.2.1 and 8.3): what HTTP/1 could not
 * write must not come out of HTTP/2. On an event loop.
 */
public final class Http2Fields extends DefaultHttp2Headers {
  private static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  private final HttpHeaders fields = new HttpFields();
  private @Nullable CharSequence method;
  private @Nullable CharSequence scheme;
  private @Nullable CharSequence path;
  private @Nullable CharSequence authority;
  private @Nullable CharSequence protocol;
  private @Nullable CharSequence status;
  private @Nullable CharSequence cookie;
  private @Nullable StringBuilder cookies;
  private boolean pseudo;

  /** One that is empty. */
  Http2Fields() {
    // The table of the form that it does not use is as small as it can be.
    super(false, 2);
  }

  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    if (PseudoHeaderName.hasPseudoHeaderFormat(name)) {
      addPseudo(AsciiString.of(name), value);
    } else {
      addField(AsciiString.of(name), value);
    }
    return this;
  }

  private void addPseudo(AsciiString name, CharSequence value) {
    pseudo = true;
    PseudoHeaderName known = PseudoHeaderName.getPseudoHeader(name);
    if (known == null) {
      throw new IllegalArgumentException("a pseudo-header that there is not");
    }
    if (HttpHeaderValidationUtil.validateValidHeaderValue(value) >= 0) {
      throw new IllegalArgumentException("a character that no value has");
    }
    switch (known) {
      case METHOD -> method = first(method, value);
      case SCHEME -> scheme = first(scheme, value);
      case PATH -> path = first(path, value);
      case PROTOCOL -> protocol = first(protocol, value);
      case STATUS -> status = first(status, value);
      case AUTHORITY -> {
        authority = first(authority, value);
        fields.add(HttpHeaderNames.HOST, value);
      }
    }
  }

  private static CharSequence first(@Nullable CharSequence before, CharSequence value) {
    if (before != null) {
      throw new IllegalArgumentException("a pseudo-header that comes twice");
    }
    return value;
  }

  private void addField(AsciiString name, CharSequence value) {
    for (int i = 0; i < name.length(); i++) {
      if (AsciiString.isUpperCase(name.byteAt(i))) {
        throw new IllegalArgumentException("a name in upper case");
      }
    }
    if (HttpHeaderNames.COOKIE.contentEquals(name)) {
      addCookie(value);
    } else if (!repeatsAuthority(name, value)) {
      fields.add(name, value);
    }
  }

  /** One field in HTTP/1 (RFC 9113, section 8.2.3). */
  private void addCookie(CharSequence value) {
    if (cookie == null) {
      cookie = value;
      return;
    }
    if (cookies == null) {
      cookies = new StringBuilder(cookie);
    }
    cookies.append("; ").append(value);
  }

  /** Whether it says again what {@code :authority} said. */
  private boolean repeatsAuthority(AsciiString name, CharSequence value) {
    return authority != null
        && HttpHeaderNames.HOST.contentEquals(name)
        && AsciiString.contentEqualsIgnoreCase(authority, value);
  }

  /**
   * Fields that are none of HTTP/2's own, and the authority as {@code Host}.
   *
   * @throws IllegalArgumentException when a cookie has a character that no value has
   */
  public HttpHeaders fields() {
    if (cookie != null) {
      fields.set(HttpHeaderNames.COOKIE, cookies == null ? cookie : cookies.toString());
      cookie = null;
    }
    return fields;
  }

  /** Whether there is a field of HTTP/2's own, which trailers must not have. */
  boolean hasPseudo() {
    return pseudo;
  }

  @Override
  public @Nullable CharSequence method() {
    return method;
  }

  @Override
  public @Nullable CharSequence scheme() {
    return scheme;
  }

  @Override
  public @Nullable CharSequence path() {
    return path;
  }

  @Override
  public @Nullable CharSequence authority() {
    return authority;
  }

  @Override
  public @Nullable CharSequence status() {
    return status;
  }

  /** Whether it asks for another protocol than HTTP (RFC 8441, section 4). */
  boolean isExtended() {
    return protocol != null;
  }

  /** Whether it asks for a WebSocket. */
  public boolean isWebSocket() {
    return protocol != null && WEBSOCKET.contentEqualsIgnoreCase(protocol);
  }
}
