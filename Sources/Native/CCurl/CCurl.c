#include "CCurl.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct CCurlHandle {
  CURL *easy;
};

// What the callbacks of one request share.
typedef struct {
  CURL *easy;
  const CCurlRequest *request;
  CCurlResult *result;
  size_t body_length;
  int64_t sent;
  int has_begun;
} Transfer;

void ccurl_start(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

CCurlHandle *ccurl_create(void) {
  CCurlHandle *handle = malloc(sizeof *handle);
  if (!handle) return NULL;
  handle->easy = curl_easy_init();
  if (handle->easy) return handle;
  free(handle);
  return NULL;
}

void ccurl_destroy(CCurlHandle *handle) {
  curl_easy_cleanup(handle->easy);
  free(handle);
}

// Copies the value of a header, without surrounding blanks, if the line is that header.
static void keep_header(const char *line, size_t length, const char *name, char *target,
                        size_t capacity) {
  size_t named = strlen(name);
  if (length <= named || line[named] != ':' || strncasecmp(line, name, named) != 0) return;
  const char *start = line + named + 1, *end = line + length;
  while (start < end && (*start == ' ' || *start == '\t')) start++;
  while (end > start && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ')) end--;
  size_t count = (size_t)(end - start);
  if (count >= capacity) return;
  memcpy(target, start, count);
  target[count] = 0;
}

static size_t take_header(char *line, size_t size, size_t count, void *context) {
  Transfer *transfer = context;
  CCurlResult *result = transfer->result;
  size_t length = size * count;
  if (length > 5 && strncmp(line, "HTTP/", 5) == 0) {
    // The headers of a redirection or of "100 Continue" do not count.
    result->etag[0] = result->sha256[0] = 0;
  }
  keep_header(line, length, "etag", result->etag, sizeof result->etag);
  keep_header(line, length, "x-amz-meta-sha256", result->sha256, sizeof result->sha256);
  keep_header(line, length, "x-amz-bucket-region", result->region, sizeof result->region);
  return length;
}

static int write_all(int descriptor, const char *bytes, size_t count, int64_t offset) {
  while (count > 0) {
    ssize_t done = pwrite(descriptor, bytes, count, offset);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return done < 0 ? errno : EIO;
    bytes += done;
    count -= (size_t)done;
    offset += done;
  }
  return 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
  Transfer *transfer = context;
  CCurlResult *result = transfer->result;
  size_t length = size * count;
  if (!transfer->has_begun) {
    transfer->has_begun = 1;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &result->status);
    // 206 is the part from the offset on; 200 is the whole file, from its start.
    result->position = result->status == 206 ? transfer->request->offset : 0;
    if (result->status == 200 && transfer->request->descriptor >= 0 &&
        strcmp(transfer->request->method, "GET") == 0 &&
        ftruncate(transfer->request->descriptor, 0) != 0) {
      result->system = errno;
      return 0;
    }
  }
  if (result->status / 100 == 2 && strcmp(transfer->request->method, "GET") == 0) {
    if (result->position + (int64_t)length > transfer->request->limit) {
      result->is_longer = 1;
      return 0;
    }
    result->system = write_all(transfer->request->descriptor, bytes, length, result->position);
    if (result->system) return 0;
    result->position += (int64_t)length;
    return length;
  }
  size_t room = sizeof result->body - 1 - transfer->body_length;
  size_t kept = length < room ? length : room;
  memcpy(result->body + transfer->body_length, bytes, kept);
  transfer->body_length += kept;
  result->body[transfer->body_length] = 0;
  return length;
}

static size_t give_body(char *bytes, size_t size, size_t count, void *context) {
  Transfer *transfer = context;
  ssize_t got = pread(transfer->request->descriptor, bytes, size * count, transfer->sent);
  if (got < 0) {
    transfer->result->system = errno;
    return CURL_READFUNC_ABORT;
  }
  transfer->sent += got;
  return (size_t)got;
}

static int move_body(void *context, curl_off_t offset, int origin) {
  Transfer *transfer = context;
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  transfer->sent = offset;
  return CURL_SEEKFUNC_OK;
}

static int watch(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  const CCurlRequest *request = ((Transfer *)context)->request;
  return request->is_stopped(request->stop_context);
}

static void set_method(CURL *easy, const CCurlRequest *request, Transfer *transfer) {
  if (strcmp(request->method, "HEAD") == 0) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (strcmp(request->method, "DELETE") == 0)
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
  if (strcmp(request->method, "PUT") == 0) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->size);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, move_body);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
  }
}

static void set_limits(CURL *easy, const CCurlRequest *request, Transfer *transfer) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, request->connect_seconds);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, request->stall_seconds);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, request->stall_bytes);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, watch);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, (long)request->follows);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
}

void ccurl_perform(CCurlHandle *handle, const CCurlRequest *request, CCurlResult *result) {
  CURL *easy = handle->easy;
  memset(result, 0, sizeof *result);
  result->length = -1;
  result->position = request->offset;
  Transfer transfer = {.easy = easy, .request = request, .result = result};
  char message[CURL_ERROR_SIZE] = "";
  struct curl_slist *headers = NULL;
  for (int i = 0; i < request->header_count; i++)
    headers = curl_slist_append(headers, request->headers[i]);
  // No header may be taken out by an empty value: libcurl 7.88 would sign it.

  curl_easy_setopt(easy, CURLOPT_URL, request->url);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "twinset");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  if (request->signature && request->user) {
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, request->signature);
    curl_easy_setopt(easy, CURLOPT_USERPWD, request->user);
  }
  set_method(easy, request, &transfer);
  set_limits(easy, request, &transfer);

  CURLcode code = curl_easy_perform(easy);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &result->status);
  curl_off_t length = -1;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  result->code = (int)code;
  result->length = length;
  if (code != CURLE_OK)
    snprintf(result->message, sizeof result->message, "%s",
             message[0] ? message : curl_easy_strerror(code));
  // Before the memory of this call ends: the handle has pointers to it.
  curl_easy_reset(easy);
  curl_slist_free_all(headers);
}
