// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.controlplane.state.StateFolder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One secret per name, in {@code FOLDER/NAME.token} of the state folder. The files are the truth:
 * one that is deleted lets no new call in after the next {@link #refresh}, and is made anew when it
 * is still named.
 */
final class TokenFolder {
  private static final Logger LOG = LoggerFactory.getLogger(TokenFolder.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
  private static final String SUFFIX = ".token";

  /** 256 bits as base64url; a file with fewer was not written by us. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43,128}");

  private final StateFolder state;
  private final String folder;
  private volatile Map<String, TokenDigest> digests = Map.of();

  /**
   * @throws ControlPlaneException when the folder cannot be made
   */
  TokenFolder(StateFolder state, String folder) {
    this.state = state;
    this.folder = folder;
    Path path = state.file(folder);
    try {
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new ControlPlaneException(
          path, "cannot be made (" + e + ")", "correct the permissions of its parent", e);
    }
  }

  static Path file(Path stateFolder, String folder, String name) {
    return stateFolder.resolve(folder).resolve(name + SUFFIX);
  }

  /**
   * Reads all tokens again and makes those of these names that have none.
   *
   * @throws ControlPlaneException when a token cannot be written
   */
  synchronized void refresh(Collection<String> names) {
    names.forEach(this::ensure);
    Map<String, TokenDigest> read = new HashMap<>();
    Path path = state.file(folder);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*" + SUFFIX)) {
      files.forEach(file -> token(file).ifPresent(token -> read.put(name(file), token)));
    } catch (IOException e) {
      LOG.error("{}: cannot be listed ({}); the tokens read before stay", path, e.toString());
      return;
    }
    digests = Map.copyOf(read);
  }

  /** The name that a token was made for. Takes the same time for every wrong token. */
  Optional<String> find(String token) {
    TokenDigest presented = TokenDigest.of(token);
    String found = null;
    for (Map.Entry<String, TokenDigest> known : digests.entrySet()) {
      if (known.getValue().matches(presented)) {
        found = known.getKey();
      }
    }
    return Optional.ofNullable(found);
  }

  private void ensure(String name) {
    if (!NAME.matcher(name).matches()) {
      LOG.error(
          "'{}' gets no token in {}: it is no DNS name in lower case; rename it",
          printable(name),
          folder);
      return;
    }
    String file = folder + "/" + name + SUFFIX;
    if (!Files.exists(state.file(file))) {
      byte[] secret = new byte[32];
      RANDOM.nextBytes(secret);
      state.writeSecret(
          file, Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "\n");
      LOG.info("made the token of {}: {}", name, state.file(file));
    }
  }

  private static Optional<TokenDigest> token(Path file) {
    try {
      String text = Files.readString(file, US_ASCII).strip();
      if (TOKEN.matcher(text).matches()) {
        return Optional.of(TokenDigest.of(text));
      }
      LOG.error("{}: holds no token; delete it and a new one is made", file);
    } catch (IOException e) {
      LOG.error("{}: cannot be read ({}); delete it and a new one is made", file, e.toString());
    }
    return Optional.empty();
  }

  private static String name(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
