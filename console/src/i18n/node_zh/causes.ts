// What an autopsy names, by the ids of docs/causes.md: what the client did, and what to do. Names of
// parameters, headers, commands and FIX tags stay as they are typed.
export const causes: Record<string, readonly [title: string, fix: string]> = {
  // How the API key is named
  'private-key-pasted-as-api-key': [
    'API 密钥的位置上是一个私钥。',
    '请立即轮换此密钥：私钥已经被传送出去；然后发送 API 密钥本身。',
  ],
  'key-and-secret-swapped': [
    '发送的是机密，而不是 API 密钥。',
    '请立即轮换此密钥：机密已经被传送出去；然后把两者对调。',
  ],
  'api-key-has-extra-characters': ['API 密钥周围有多余的字符：引号、空格或 Bearer。', '请原样发送 API 密钥的文本。'],
  'api-key-header-misnamed': ['API 密钥放在了别的标头中。', '请放在 X-MBX-APIKEY 中发送。'],
  'api-key-in-query': ['API 密钥作为参数发送，这是 WebSocket API 的做法。', '请放在标头 X-MBX-APIKEY 中发送。'],
  'proxy-drops-header': ['途中的代理去掉了 API 密钥的标头。', '请在代理中放行标头 X-MBX-APIKEY。'],
  'api-key-header-missing': ['请求没有给出 API 密钥。', '请在 X-MBX-APIKEY 中发送 API 密钥，并让代理放行它。'],
  'api-key-unknown': ['请求中的 API 密钥不属于任何人。', '请重新复制 API 密钥，或新建一个。'],
  // Where the parameters stand
  'json-body-instead-of-form': [
    '参数以 JSON 发送，而服务器读取的是表单。',
    '请放在查询串中，或以 application/x-www-form-urlencoded 发送。',
  ],
  'multipart-body-instead-of-form': ['参数以 multipart/form-data 发送。', '请发送 URL 编码的表单。'],
  'params-in-get-body': ['参数在 GET 的请求体中，而它不会被读取。', '请放到查询串中。'],
  'delete-params-in-body': ['参数在 DELETE 的请求体中，而它不会被读取。', '请放到查询串中。'],
  'content-type-wrong': [
    '请求体是表单，但 Content-Type 写的是别的类型，因此没有读取。',
    '请发送 Content-Type: application/x-www-form-urlencoded。',
  ],
  'body-truncated': ['收到的字节少于 Content-Length 所写的。', '请发送完整的请求体；检查代理的超时设置。'],
  'signature-not-last': ['签名不是最后一个参数，而此服务器要求如此。', '请把签名放在所有其他参数之后。'],
  'proxy-reencoded-request': [
    '代理解码了请求并重新编码。',
    '请让代理原样传递 URI：在 nginx 中，proxy_pass 不要带路径。',
  ],
  'library-reencodes-url': ['HTTP 客户端可能改写了完整的 URL。', '请交给客户端一个标记为已编码的 URL 对象。'],
  'known-bad-client-version': ['已知此版本的客户端有签名错误。', '请升级客户端。'],
  // Endpoint
  'wrong-host-or-path': ['没有这个路径。', '请更正路径及其版本。'],
  'wrong-http-method': ['此端点使用别的 HTTP 方法。', '请使用文档中的方法：新订单用 POST。'],
  'signed-unsigned-endpoint': ['此端点不接受签名。', '请不要发送时间戳和签名。'],
  'duplicate-param': ['有一个参数发送了两次。', '每个参数只发送一次；检查库是否也添加了它。'],
  'unread-parameter': ['此端点不认识其中一个参数。', '请更正名称，或去掉它。'],
  // Frames of FIX, and what a Logon signs
  'fix-garbled-message': [
    'BodyLength (9)、CheckSum (10) 或开头几个字段的顺序不对。',
    '按字节计数，每个 SOH 算一个字节，并让引擎最后写 9 和 10。',
  ],
  'fix-logon-without-credentials': [
    'Logon 没有 Username (553) 或没有 RawData (96)。',
    '请在引擎处理管理消息的钩子中设置 553、95 和 96。',
  ],
  'fix-raw-data-length-wrong': ['RawDataLength (95) 不是 RawData (96) 的长度。', '请写 base64 文本的长度：88。'],
  'fix-wrong-delimiter': ['各个值不是用 SOH 连接的。', '请用字节 0x01 连接各个值。'],
  'fix-field-order': ['签名时各个值的顺序不同。', '请按 35、49、56、34、52 的顺序签名。'],
  'fix-seq-num-mismatch': ['签名所用的 MsgSeqNum (34) 与发送的不同。', '请从实际发送的报头中取 34。'],
  'fix-sending-time-mismatch': [
    '签名所用的 SendingTime (52) 与发送的不同：引擎重新打了时间，或小数位不同。',
    '请在能看到最终报头的钩子中签名。',
  ],
  'fix-signed-tag-value-pairs': ['把标签也签了名：35=A，而不是 A。', '请只对值签名。'],
  'fix-trailing-soh': ['最后一个值之后的 SOH 也被签了名。', '请用 SOH 连接，末尾不要加。'],
  'fix-seq-num-not-one': ['序号沿用了上一个会话的。', '请在登录时重置序号（141=Y，34=1）。'],
  'fix-comp-id-in-use': [
    '此账户的另一个会话正在使用同一个 SenderCompID。',
    '每个会话使用一个 SenderCompID，并在重新连接之前发送 Logout。',
  ],
  // WebSocket
  'ws-params-not-sorted': ['签名之前没有按名称对参数排序。', '请把 signature 以外的所有参数按名称排序。'],
  'ws-api-key-not-in-payload': ['签名文本中缺少 apiKey。', '请把 apiKey 也签入：在 WebSocket 上它是一个参数。'],
  'ws-payload-percent-encoded': ['签名之前对值做了百分号编码，那是 REST 的做法。', '请对值的原始 UTF-8 文本签名。'],
  'ws-number-formatting': [
    '签名时某个数字的写法与 JSON 中的不同。',
    '请把价格和数量作为 JSON 文本发送，并对这些文本签名。',
  ],
  'ws-json-signed': ['签名的是 JSON 文本。', '请对 name=value 签名：以 & 连接，按名称排序。'],
  'ws-envelope-fields-in-payload': ['id 或 method 也被签了名。', '请只对 params 的成员签名。'],
  'ws-session-not-logged-on': [
    '请求既没有密钥也没有签名，而此连接上没有人登录。',
    '每次连接后请重新登录，或对请求签名。',
  ],
  'ws-session-revoked': ['此连接登录所用的密钥已不再有效。', '请用有效的密钥登录。'],
  // How the signature is written
  'signature-missing': ['请求没有签名。', '请对查询串和请求体签名，并把结果作为参数 signature 加上。'],
  'signature-not-percent-encoded': [
    'base64 签名原样写进了 URL，因此每个 + 到达时都变成了空格。',
    '请先对签名做百分号编码，再放入 URL。',
  ],
  'signature-double-encoded': [
    '签名被百分号编码了两次。',
    '只对签名编码一次；不要把已编码的值交给会自动编码的客户端。',
  ],
  'ws-signature-percent-encoded': [
    '签名在 JSON 文本中做了百分号编码，那是 URL 的做法。',
    '请把原始的 base64 或十六进制文本放入 JSON。',
  ],
  'signature-python-bytes-repr': ["签名是字节对象的打印形式：b'…'。", '请先把字节解码为文本：.decode()。'],
  'signature-with-tool-output-prefix': [
    '工具打印在值前后的标签也一起发送了。',
    "请去掉标签：openssl dgst -r，或 awk '{print $NF}'。",
  ],
  'signature-base64-line-breaks': [
    '签名中有换行：编码器折了行。',
    '请不折行地编码：openssl base64 -A，或 base64 -w0。',
  ],
  'signature-base64url': [
    '签名使用了 URL 安全的 base64 字母表（- 和 _）。',
    '请使用带 +、/ 和 = 的标准 base64，然后做百分号编码。',
  ],
  'signature-base64-padding-missing': ['base64 签名末尾的 = 被去掉了。', '请保留末尾的 =。'],
  'signature-base64-of-hex': [
    '签名的十六进制文本又被编码成了 base64。',
    '只对签名的字节编码一次：HMAC 用十六进制，RSA 和 Ed25519 用 base64。',
  ],
  'signature-base64-instead-of-hex': ['HMAC 以 base64 发送。', '请把 HMAC 写成 64 个十六进制数字。'],
  'signature-hex-instead-of-base64': ['RSA 或 Ed25519 签名以十六进制发送。', '请用 base64 发送 RSA 和 Ed25519 签名。'],
  'signature-leading-zeros-dropped': [
    '十六进制签名或其字节开头的零丢失了。',
    '每个字节写成两个十六进制数字；不要经过大整数。',
  ],
  'signature-truncated': [
    '签名的末尾被截断了。',
    '请保留完整的值：HMAC 64 个十六进制数字，Ed25519 88 个字符，RSA 344 个以上。',
  ],
  // Whose key material
  'secret-sent-as-signature': [
    '签名的位置上发送的是机密或私钥本身。',
    '请立即轮换此密钥：机密已经被传送出去；然后用新的机密签名，而不是发送它。',
  ],
  'signed-with-predecessor-key': [
    '请求给出的是新的 API 密钥，签名却用了旧的密钥。',
    '请把新密钥对的两半一起部署并重新启动。',
  ],
  'signed-with-other-key': [
    '请求给出一个 API 密钥，签名却用了您的另一个密钥。',
    '请把 API 密钥与其机密的一半放在一起，核对是否成对。',
  ],
  'api-key-used-as-secret': ['把 API 密钥当作了机密。', '请用机密签名，而不是 API 密钥。'],
  'secret-has-surrounding-whitespace': ['读取的机密前后带有空白字符。', '读取机密时请去掉空白。'],
  'secret-has-quotes': ['读取的机密带着引号。', '请去掉文件或变量中的引号。'],
  'secret-letter-case-changed': ['机密的大小写被改变了。', '请原样保留机密，与显示时完全一致。'],
  'secret-placeholder': ['机密为空，或是示例文本：从未填写过。', '请载入真正的机密，缺失时应停止运行。'],
  'secret-decoded-as-base64': ['使用之前把机密当作 base64 解码了。', '请把机密的文本逐字节用作 HMAC 密钥。'],
  'secret-decoded-as-hex': ['使用之前把机密当作十六进制解码了。', '请把机密的文本逐字节用作 HMAC 密钥。'],
  'hmac-keyed-with-public-key': ['把公钥的文本当作了 HMAC 机密。', '请用私钥，按它自己的算法签名。'],
  'secret-one-char-missing': ['复制时机密丢失或改变了一个字符。', '请重新复制机密；如果已经没有了，请轮换。'],
  'hmac-signature-for-asymmetric-key': [
    '此密钥是 RSA 或 Ed25519，而签名是 HMAC 的形式。',
    '请告诉客户端密钥的类型；旧版本可能不认识它。',
  ],
  'asymmetric-signature-for-hmac-key': [
    '此密钥是 HMAC，而签名是 RSA 或 Ed25519 的形式。',
    '请使用此 API 密钥对应的密钥对。',
  ],
  'private-key-not-the-registered-one': ['私钥可能与登记的公钥不配对。', '请比较指纹，并上传与私钥配对的公钥。'],
  'secret-shell-expanded': ['机密中的 $ 可能被 shell 展开了。', '请把机密放在单引号中。'],
  'passphrase-as-secret': ['可能把另一家交易所的第三个凭据当作了机密。', '请检查各个凭据的顺序。'],
  // Algorithm
  'key-type-not-allowed-here': [
    '会话只能用 Ed25519 密钥登录。',
    '请生成 Ed25519 密钥对，或对每个请求签名而不使用会话。',
  ],
  'payload-prehashed': ['签名的是文本的哈希，而不是文本本身。', '请把文本本身交给签名函数，它会自行计算哈希。'],
  'hmac-arguments-swapped': [
    'HMAC 函数的参数对调了：文本成了密钥。',
    '请检查参数的顺序：先密钥后消息，或按您的库的说明。',
  ],
  'hmac-wrong-hash': ['HMAC 使用的不是 SHA-256。', '请使用 HMAC-SHA-256。'],
  'plain-hash-instead-of-hmac': [
    '发送的是机密与文本拼接后的普通哈希，而不是 HMAC。',
    '请使用库中的 HMAC 函数，以机密为密钥。',
  ],
  'rsa-pss-instead-of-pkcs1': ['RSA 签名使用了 PSS 填充。', '请选择 PKCS#1 v1.5 填充。'],
  'rsa-wrong-hash': ['RSA 签名使用的不是 SHA-256。', '请用 SHA-256 签名。'],
  'pem-newlines-lost': ['PEM 的换行可能在变量中丢失了。', '请保留真正的换行，或给出文件的路径。'],
  'pem-encrypted': ['私钥文件可能受密码短语保护。', '请先解密，或给出密码短语。'],
  'pem-wrong-container': [
    '私钥可能是 PKCS#1、SEC1 或 OpenSSH 格式，而这里需要 PKCS#8。',
    '请转换：openssl pkcs8 -topk8 -nocrypt。',
  ],
  'library-lacks-key-type': ['客户端可能太旧，不认识这种密钥。', '请升级客户端。'],
  // How the text is put together
  'body-not-signed': ['只对查询串签了名，而请求体中也有参数。', '请对查询串和紧随其后的请求体一起签名。'],
  'query-not-signed': ['只对请求体签了名，而查询串中也有参数。', '请对查询串和紧随其后的请求体一起签名。'],
  'body-before-query': ['请求体与查询串的连接顺序不对。', '请先签查询串，再签请求体。'],
  'ampersand-between-query-and-body': [
    '签名时在查询串与请求体之间加了 &，而它们是分两部分发送的。',
    '请把所有参数放在一处，或不加 & 直接连接两者。',
  ],
  'question-mark-in-payload': ['查询串前面的 ? 也被签了名。', '签名之前请去掉 ?。'],
  'stray-ampersand-in-payload': [
    '循环在签名文本的一端留下了多余的 &。',
    '请用 & 连接各参数，而不是在每个参数后面追加。',
  ],
  'trailing-newline-in-payload': ['文本后面的换行也被签了名。', '请用 printf %s 代替 echo，并去掉从文件读出的行尾。'],
  'body-trailing-newline': [
    '请求体带着文件末尾的换行发送，而换行没有签名。',
    '请去掉文件末尾的换行，或在内存中生成请求体。',
  ],
  'signature-key-in-payload': ['签名文本中有一个空的 signature 参数。', '请在签名之后再加上签名。'],
  'path-in-signed-payload': ['路径、URL 或方法也被签了名。', '请只对查询串和请求体签名。'],
  'json-payload-signed': [
    '签名时参数是 JSON，发送时却是查询串或表单。',
    '请对实际发送的文本签名：以 & 连接的 name=value。',
  ],
  'values-only-signed': ['只对值签了名，没有名称。', '请对以 & 连接的 name=value 签名。'],
  'foreign-exchange-signing-scheme': [
    '文本是按另一家交易所的方法拼成的。',
    '请按此 API 的方法：对查询串和请求体签名，别无其他。',
  ],
  // Percent-encoding
  'percent-hex-case': [
    '百分号转义的十六进制数字一边是小写，另一边是大写。',
    '请使用大写十六进制数字，签名与发送用同一个编码器。',
  ],
  'space-plus-vs-percent20': ['空格一边写成 +，另一边写成 %20。', '两边都请把空格写成 %20。'],
  'reserved-char-encoding-mismatch': [
    '签名程序与 HTTP 客户端对哪些字符要百分号编码的看法不同。',
    '请只用一个编码器，并把编码好的文本交给客户端。',
  ],
  'payload-not-percent-encoded': [
    '先对可读文本签了名，然后 HTTP 客户端才做百分号编码。',
    '请先编码参数，再对编码后的文本签名并发送它。',
  ],
  'double-percent-encoding': ['文本在一边被百分号编码了两次。', '请只编码一次。'],
  'non-ascii-sent-raw': ['非 ASCII 字符没有经过百分号编码就发送了。', '请在签名之前按 UTF-8 做百分号编码。'],
  'non-utf8-charset': ['签名时文本使用的字符集不是 UTF-8。', '请在签名之前把文本编码为 UTF-8。'],
  'whole-query-encoded': [
    '参数之间的 = 和 & 也被百分号编码了，因此服务器只看到一个没有名称的参数。',
    '请编码名称和值，不要编码连接它们的字符。',
  ],
  'raw-plus-means-space': ['地址中的 + 原样发送了；在查询串中它表示空格。', '请写成 %2B。'],
  // Order and choice of the parameters
  'params-added-after-signing': ['签名之后又追加了参数。', '请最后签名：之后除签名外不得再添加任何内容。'],
  'param-order-mismatch': ['签名时参数的顺序与发送时不同。', '文本只生成一次，对它签名，并发送的正是这段文本。'],
  'only-some-params-signed': ['只对部分参数签了名。', '请对 signature 以外的所有参数签名。'],
  'signed-param-not-sent': [
    '有一个签了名的参数没有发送：库去掉了空值或默认值。',
    '请在签名之前去掉空值，并发送所有签了名的内容。',
  ],
  // Spelling of values
  'number-formatting-mismatch': [
    '某个数字签名时和发送时的写法不同。',
    '请把每个数字只格式化一次为文本，两处都用这段文本。',
  ],
  'scientific-notation-mismatch': ['某个数字用了指数写法：1e-05。', '请用固定小数位的写法。'],
  'decimal-comma-mismatch': ['语言设置把数字写成了小数逗号。', '数字的格式不应取决于语言设置。'],
  'boolean-case-mismatch': ['某个布尔值签名时和发送时的写法不同。', '请在签名之前把 true 和 false 写成小写文本。'],
  'letter-case-mismatch': ['某个值或名称在签名之后改变了大小写。', '请在签名之前把值定为最终形式。'],
  'list-serialisation-mismatch': [
    '某个列表或对象签名时和发送时的写法不同。',
    '请自行把列表序列化为紧凑的 JSON 文本，并只编码一次。',
  ],
  'template-variable-signed': ['签名的是变量的名称，发送的却是它的值。', '请在签名的脚本中先解析变量。'],
  'timestamp-regenerated-after-signing': [
    '时钟读了两次：一次用于签名，一次用于发送。',
    '请只读一次时钟，两处都用这个时间戳。',
  ],
  'value-whitespace-trimmed': ['值前后的空格签了名，发送之前却被去掉了。', '请在签名之前去掉输入的空格。'],
  'null-literal-param': ['没有值的参数被写成了单词：undefined、null 或 None。', '请不要发送未设置的参数。'],
  // Time
  'timestamp-missing': ['请求没有时间戳。', '请在签名之前加上以毫秒为单位的 timestamp。'],
  'timestamp-not-integer': ['时间戳不是整数。', '请只用数字发送自 1970 年起的毫秒数。'],
  'timestamp-in-seconds': ['时间戳以秒为单位。', '请乘以 1000：毫秒有 13 位数字。'],
  'timestamp-in-microseconds': ['时间戳以微秒为单位，此服务器不接受。', '请除以 1000。'],
  'timestamp-in-nanoseconds': ['时间戳以纳秒为单位。', '请除以 1,000,000。'],
  'timestamp-timezone-offset': ['把本地时间当作了 UTC。', '请使用 UTC：Unix 时间的函数。'],
  'fix-local-time': ['SendingTime (52) 是本地时间。', '请用 UTC 写 52。'],
  'clock-ahead': ['客户端的时钟偏快。', '请运行时间同步服务，或每分钟测量一次与服务器时间的偏差并加以修正。'],
  'recv-window-malformed': ['recvWindow 不是毫秒数。', '请发送普通的毫秒数，最多三位小数。'],
  'recv-window-too-large': ['recvWindow 大于 60000。', '请发送 5000，并校准时钟，而不是放宽窗口。'],
  'recv-window-too-small': ['recvWindow 太小，通常的延迟就已超过它。', '请不要发送 recvWindow：默认为 5000。'],
  'timestamp-truncated-to-second': ['时间戳被截断到整秒，因此生成时最多已晚了 999 毫秒。', '请使用带毫秒的时钟。'],
  'request-delayed': ['请求在签名与发送之间等待过：队列、重试或网络缓慢。', '请在发送之前才签名，每次重试都重新签名。'],
  'clock-drift-vm': ['宿主机休眠时，容器或虚拟机的时钟停走了。', '请同步虚拟机内部的时钟，而不仅是宿主机的。'],
  'clock-behind': [
    '客户端的时钟偏慢，或请求被延误了。',
    '请运行时间同步服务，或每分钟测量一次与服务器时间的偏差并加以修正。',
  ],
  'server-offset-stale': [
    '与服务器时间的偏差可能只测量过一次，或测量时往返很慢。',
    '请每隔几分钟测量一次，并减去往返时间的一半。',
  ],
  'request-replayed': ['同一个已签名的请求以前发送过。', '每次尝试都请使用新的时间戳和签名。'],
  // State, address, rights
  'key-of-other-environment': ['此 API 密钥属于另一个环境。', '请使用另一个主机，或在这里新建密钥。'],
  'key-revoked': ['此 API 密钥已被吊销。', '请新建一个。'],
  'key-disabled': ['此 API 密钥已暂停。', '请询问暂停它的人，或恢复它。'],
  'predecessor-key-used-after-rotation': ['请求使用的是已被更换的密钥对。', '请在这台机器上部署新的密钥对。'],
  'key-expired': ['此 API 密钥已过期。', '请续期；到期前两周会有提醒。'],
  'ip-list-has-typo': ['IP 白名单中有一项写错了；写对的话会允许此地址。', '请更正该项。'],
  'client-behind-untrusted-proxy': ['请求经过了一个不在白名单中的代理。', '请添加代理的地址，或将它设为可信代理。'],
  'ip-family-mismatch': [
    '请求使用的 IP 版本与白名单的不同（IPv4 与 IPv6）。',
    '请把两个地址都列入，或强制使用其中一个版本。',
  ],
  'ip-not-allowed': ['该地址不在 IP 白名单中。', '请添加它，或从固定的地址发送。'],
  'permission-missing': ['此 API 密钥没有这个调用所需的权限。', '请授予它；有些权限需要新的密钥。'],
  'symbol-not-allowed': ['该交易对不在此密钥的列表中。', '请添加该交易对。'],
  'wrong-product-endpoint': ['该路径属于此账户或密钥没有的产品。', '请使用您拥有的产品的路径。'],
  'account-not-permitted': ['不允许这样做的是账户本身，而不是密钥。', '请让人更改账户。'],
  'rate-limited-reported-as-auth': ['该地址发送过多，暂时被拒之门外。', '请等待 Retry-After 所示的时间，并减少发送。'],
  'key-older-than-product': ['密钥可能早于它所用于的产品。', '请新建密钥。'],
};
