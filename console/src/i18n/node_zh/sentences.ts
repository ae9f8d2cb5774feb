import type { Sentence } from './sentence';

// Sentences that the node says under no name of their own, or with values in them: the English one, and
// what it is in Chinese. {words} in braces are filled in; what stands in [brackets] may be absent.

// What a change of the management API does, as a second factor confirms it.
export const changes: readonly Sentence[] = [
  ['Change your password', '更改您的密码短语'],
  ['Add an authenticator app', '添加验证器应用'],
  ['Remove your authenticator app', '移除您的验证器应用'],
  ['Link an account at the identity provider, to sign in with', '关联身份提供方的账户，用于登录'],
  ['Make new recovery codes; the old ones end', '生成新的恢复码；旧的失效'],
  ['Export the whole audit log', '导出整个审计日志'],
  ['Make a new sealing key and wrap everything by it', '生成新的密封密钥，并用它重新封装一切'],
  ["Write the registry's file anew", '重写注册表文件'],
  ['Have the node take over its configuration as it is now', '让节点采用当前的配置'],
  ['Add the passkey {name}', '添加通行密钥 {name}'],
  ['Remove your passkey {object}', '移除您的通行密钥 {object}'],
  ['Unlink your account {object} at the identity provider', '取消关联您在身份提供方的账户 {object}'],
  ['Invite {email} as {role}[ of account {account}]', '邀请 {email}，角色为{role}[，账户 {account}]'],
  ['Let {object} no longer sign in', '不再允许 {object} 登录'],
  ['Let {object} sign in again', '重新允许 {object} 登录'],
  ['Have {object} set up a new second factor; the present ones go', '要求 {object} 设置新的第二因素；现有的将失效'],
  [
    'Give {object} a link to set a new password; their sessions end',
    '给 {object} 一个设置新密码短语的链接；其会话会结束',
  ],
  ['Create the account {id}[, a sub-account of {master}]', '创建账户 {id}[，作为 {master} 的子账户]'],
  ['Let the API keys of account {object} be accepted again', '重新接受账户 {object} 的 API 密钥'],
  [
    'Create an API key ({type}) for account {account}[, labelled {label}][, which may {permissions}][, from {allow_list}][, for {symbols}][, until {expires_at}]',
    '为账户 {account} 创建 API 密钥（{type}）[，标签 {label}][，权限 {permissions}][，来源 {allow_list}][，交易对 {symbols}][，期限 {expires_at}]',
  ],
  [
    'Change API key {object}[: label {label}][; may {permissions}][; from {allow_list}][; for {symbols}][; vendor {vendor}][; until {expires_at}]',
    '更改 API 密钥 {object}[；标签 {label}][；权限 {permissions}][；来源 {allow_list}][；交易对 {symbols}][；供应方 {vendor}][；期限 {expires_at}]',
  ],
  [
    'Rotate API key {object} to a new pair ({type})[, the old one ending after {overlap_s} s]',
    '把 API 密钥 {object} 轮换为新密钥对（{type}）[，旧密钥对在 {overlap_s} 秒后结束]',
  ],
  ['Give up the new key pair of {object}; the old one stays', '放弃 {object} 的新密钥对；保留旧密钥对'],
  ['Let API key {object} be accepted again', '重新接受 API 密钥 {object}'],
  ['Begin the mass action: {object}', '开始批量操作：{object}'],
  [
    'Let whoever opens a one-time link make an API key ({type}) of account {account}[, labelled {label}][, which may {permissions}][, from {allow_list}][, for {symbols}][, until {expires_at}]',
    '允许打开一次性链接的人为账户 {account} 生成 API 密钥（{type}）[，标签 {label}][，权限 {permissions}][，来源 {allow_list}][，交易对 {symbols}][，期限 {expires_at}]',
  ],
  [
    'Unlink an account of {object} at the identity provider; their sessions end',
    '取消关联 {object} 在身份提供方的一个账户；其会话会结束',
  ],
  ['Tell {url} of what happens to account {account}[: {events}]', '向 {url} 通知账户 {account} 的事件[：{events}]'],
  [
    'Change the webhook {object}[: tell {url}][: of {events}][: {state}]',
    '更改 Webhook {object}[：通知 {url}][：事件 {events}][：{state}]',
  ],
  ['Delete the webhook {object}', '删除 Webhook {object}'],
  ['Make a new secret for the webhook {object}', '为 Webhook {object} 生成新的机密'],
  ["Take the node's clock for right[, with its step of {step_ms} ms]", '认定节点的时钟正确[，其偏移为 {step_ms} 毫秒]'],
];

// What is wrong with a key, and the ways out of it.
export const ofKeys: readonly Sentence[] = [
  [
    'A request from {address} was signed rightly, and the address is not on the IP allow-list.',
    '来自 {address} 的请求签名正确，但该地址不在 IP 白名单中。',
  ],
  // Why a key was suspended by Fix: its record has the words.
  ['A private key stands in the place of the API key.', 'API 密钥的位置上是一个私钥。'],
  ['The secret was sent in the place of the API key.', '发送的是机密，而不是 API 密钥。'],
  ['The secret or private key itself was sent in the place of the signature.', '签名的位置上发送的是机密或私钥本身。'],
  [
    'If it was not you, somebody else has the secret: suspend the key, then rotate it. If it was you, allow the address.',
    '如果不是您，说明有人得到了机密：请暂停此密钥，然后轮换。如果是您，请允许该地址。',
  ],
  ['1 request[ by {client}]', '1 个请求[，客户端 {client}]'],
  ['{count} requests[ by {client}]', '{count} 个请求[，客户端 {client}]'],
  [
    'Create a new API key and give it to its client; this one does not come back.',
    '请新建 API 密钥并交给客户端；这一个无法恢复。',
  ],
  ['The account that the key belongs to is suspended.', '此密钥所属的账户已暂停。'],
  ['Ask the operator.', '请联系运维人员。'],
  ['{permission}, for {route}', '{permission}，用于 {route}'],
  ['Use a key that may do this, where this one should not.', '如果此密钥不该这样做，请使用有此权限的密钥。'],
  ['The signature fits nothing that was tried.', '签名与任何尝试都不符。'],
  [
    "Open the request: it has the list of what cannot be proved from here. Most often the client has another secret than this key's.",
    '请打开该请求：其中列出了从这里无法证明的可能原因。最常见的是，客户端的机密不是此密钥的。',
  ],
  ["Load this key's secret or private key anew.", '请重新载入此密钥的机密或私钥。'],
  [
    'Rotate the key, where nobody has its secret any more: the new pair is shown once.',
    '如果已经没有人有它的机密，请轮换：新密钥对只显示一次。',
  ],
  ['Requests were refused for a cause that this version does not know.', '有请求因此版本不认识的原因被拒绝。'],
  ['Open the request.', '请打开该请求。'],
  [
    'An automatic policy lets the key only read and cancel, and will suspend it.',
    '自动策略只允许此密钥读取和撤单，之后会暂停它。',
  ],
  ['An automatic policy will first restrict the key and then suspend it.', '自动策略会先限制此密钥，然后暂停它。'],
  ['Edit the key: any edit takes the notice away.', '请编辑此密钥：任何编辑都会撤销该通知。'],
  ['policy {policy}', '策略 {policy}'],
  ['policy: {policy}', '策略：{policy}'],
  ['Edit the key as the policy wants it.', '请按策略的要求编辑此密钥。'],
  ['The key expires soon.', '此密钥即将过期。'],
  ['Renew it, or make another in time.', '请续期，或及时新建另一个。'],
  ['No request was ever accepted with the key.', '此密钥从未有请求被接受。'],
  [
    "Send one. A private key that its client cannot load sends no request at all: look into the client's own errors.",
    '请发送一个。如果客户端无法载入私钥，就根本不会发出请求：请查看客户端自己的错误。',
  ],
  [
    'Try one by hand: counterfoil sign --key DIR GET /api/v3/account.',
    '请手动试一个：counterfoil sign --key DIR GET /api/v3/account。',
  ],
  ['The key may be used from everywhere.', '此密钥可以从任何地方使用。'],
  ['List the addresses it is used from.', '请列出使用它的地址。'],
  ['Edit the key, and list its addresses.', '请编辑此密钥，列出其地址。'],
  ['Requests are still signed with the old pair, which is about to end.', '仍有请求用旧密钥对签名，而它即将结束。'],
  ['Give these hosts the new pair before it ends.', '请在它结束之前把新密钥对交给这些主机。'],
  ['{hosts} and {count} more', '{hosts}，另有 {count} 个'],
  [
    'Load the new secret or private key there, and start the client anew.',
    '请在那里载入新的机密或私钥，并重新启动客户端。',
  ],
  [
    'Suspend the key: every request with it is refused until it is resumed.',
    '暂停此密钥：在恢复之前，它的所有请求都会被拒绝。',
  ],
  ['Resume the key: its requests are accepted again.', '恢复此密钥：重新接受它的请求。'],
  ['Whoever has its secret or private key can use it again.', '任何拥有其机密或私钥的人都能再次使用它。'],
  ['Renew it: it then lives for 90 days from now.', '续期：从现在起再有效 90 天。'],
  ['A secret that was copied lives as long as the key does.', '密钥有效多久，被复制走的机密就有效多久。'],
  ['Put {address} on the IP allow-list.', '把 {address} 加入 IP 白名单。'],
  [
    'If the address is not yours, whoever sends from it gets all that this key may do.',
    '如果该地址不是您的，从那里发送的人就能做此密钥能做的一切。',
  ],
  [
    'Edit the key: {permission} wants an IP allow-list, so list the addresses it is used from, and tick {same}.',
    '请编辑此密钥：{permission} 需要 IP 白名单，请列出使用它的地址，并勾选 {same}。',
  ],
  ['Give the key {permission}: {meaning}.', '为此密钥授予 {permission}：{meaning}。'],
  [
    'Rotate the key with no overlap: whoever has the old secret can then do nothing.',
    '立即轮换，不留重叠：之后拥有旧机密的人什么也做不了。',
  ],
  [
    'Rotate the key with no overlap: only a new pair ends what the old secret is good for.',
    '立即轮换，不留重叠：只有新的密钥对才能使旧机密失效。',
  ],
  ['Rotate the key, where the pair that it should use is lost.', '如果它应使用的密钥对已经丢失，请轮换。'],
  ['Edit the key.', '请编辑此密钥。'],
];

// What an autopsy saw.
export const seen: readonly Sentence[] = [
  ['{ms} ms ahead of the server', '比服务器快 {ms} 毫秒'],
  ['{ms} ms behind the server', '比服务器慢 {ms} 毫秒'],
  ['from {address}; the list: {list}', '来自 {address}；白名单：{list}'],
  ['from {address}', '来自 {address}'],
  ['the list: {list}', '白名单：{list}'],
  ['{permission} is not granted', '没有授予 {permission}'],
  ['this is {here}, the key is of {there}', '这里是 {here}，密钥属于 {there}'],
  ['this key is {type}', '此密钥是 {type}'],
  ['the value of signature is the secret of {key}', 'signature 的值是 {key} 的机密'],
  ['a PEM of a private key', '私钥的 PEM'],
  ['{method}; it takes {methods}', '{method}；应为 {methods}'],
  ['Content-Length: {length}, {count} bytes came', 'Content-Length：{length}，实际收到 {count} 字节'],
];

// What the doctor cannot be sure of in a pasted text, and the forms it knows.
export const pasted: readonly Sentence[] = [
  ['curl command', 'curl 命令'],
  ['HAR entry', 'HAR 条目'],
  ['HTTP request', 'HTTP 请求'],
  ['parameters', '参数'],
  ['log line', '日志行'],
  ['WebSocket frame', 'WebSocket 帧'],
  ['FIX message', 'FIX 消息'],
  [
    'A shell variable or command stands in it unfilled: paste the command with its values, or look at the request itself (curl --trace-ascii -).',
    '其中有未填充的 shell 变量或命令：请粘贴填好值的命令，或查看请求本身（curl --trace-ascii -）。',
  ],
  [
    'An & outside of quotes ended the command for the shell: what stands behind it was not sent. Put the URL in quotes.',
    '引号外的 & 使 shell 认为命令到此结束：其后的内容没有发送。请把 URL 放在引号中。',
  ],
  [
    'Its body comes from a file, which is not part of the text: nothing of the body was looked at.',
    '请求体来自文件，而文件不在此文本中：没有检查请求体。',
  ],
  [
    'It sends a multipart form, which no signed parameter is read from; parts are shown without their boundary.',
    '它发送的是 multipart 表单，不会从中读取签名的参数；各部分显示时不带分隔符。',
  ],
  [
    'Its URL holds [] or {}, which curl takes for a pattern and may change: use -g, or percent-encode them.',
    'URL 中有方括号或花括号，curl 会把它们当作模式并可能改写：请使用 -g，或做百分号编码。',
  ],
  [
    'Its separators are shown as other characters than SOH: they were put back, so whether SOH was sent was not looked at.',
    '分隔符显示为 SOH 以外的字符：已还原为 SOH，因此没有检查实际发送的是否为 SOH。',
  ],
  [
    'The archive holds the parameters of the body but not its text: the body shown is put together from them.',
    '存档中有请求体的参数但没有其文本：显示的请求体由这些参数拼成。',
  ],
  [
    "No Content-Length tells where its body ends: a line end at the very end was taken for the text's, not the body's.",
    '没有 Content-Length 说明请求体到哪里为止：末尾的换行被视为文本的，而不是请求体的。',
  ],
  [
    'curl -v does not show bodies: if it sent one, it was not looked at (use --trace-ascii -).',
    'curl -v 不显示请求体：如果发送了，也没有检查（请使用 --trace-ascii -）。',
  ],
  [
    'It was read out of a log line, which may show values otherwise than they were sent.',
    '它读自日志行，其中值的写法可能与实际发送的不同。',
  ],
];

// What a node says of itself.
export const ofNodes: readonly Sentence[] = [
  ['The console is reached on this machine alone, as localhost.', '控制台只在本机以 localhost 访问。'],
  ['The console is reached as {origin}.', '控制台的访问地址为 {origin}。'],
  [
    'The console is reached by an address, {host}: browsers have no passkeys there.',
    '控制台通过 IP 地址 {host} 访问：浏览器在此不能使用通行密钥。',
  ],
  ['Give it a name and put that into console.origins.', '请为它起一个主机名，并写入 console.origins。'],
  [
    'The console is reached by plain HTTP: browsers make no key pairs and have no passkeys there.',
    '控制台通过明文 HTTP 访问：浏览器在此不能生成密钥对，也不能使用通行密钥。',
  ],
  [
    'Set console.tls_certificate and console.tls_key, or end TLS in a proxy and name its origin in console.origins.',
    '请设置 console.tls_certificate 和 console.tls_key，或由代理终止 TLS，并把其来源写入 console.origins。',
  ],
  ['The clock goes on without jumps.', '时钟走得平稳，没有跳变。'],
  ['The clock has jumped, so signed requests are refused.', '时钟发生过跳变，因此签名的请求会被拒绝。'],
  ['Look at it, then run `counterfoil clock confirm`.', '请检查时钟，然后运行 `counterfoil clock confirm`。'],
  [
    'The data directory is private and has room: {size} MiB are free.',
    '数据目录不对他人开放，空间充足：剩余 {size} MiB。',
  ],
  ['The disk of the data directory is nearly full: {size} MiB are free.', '数据目录的磁盘快满了：剩余 {size} MiB。'],
  ['Make room; with a full disk nothing can be changed.', '请腾出空间；磁盘满时不能做任何更改。'],
  ['How much room the disk has could not be found out: {fault}.', '无法得知磁盘还有多少空间：{fault}。'],
  ['Look at the file system of {folder}.', '请检查 {folder} 的文件系统。'],
  ['Requests go to {url}; nothing has gone wrong with it so far.', '请求转发到 {url}；目前没有出过问题。'],
  ['The upstream, {url}, does not answer.', '后端 {url} 没有响应。'],
  ['Start it, or set upstream.url.', '请启动它，或设置 upstream.url。'],
  [
    '{url} has failed again and again ({fault}) and gets no requests; it is probed by itself and comes back once that goes well',
    '{url} 一再失败（{fault}），不再收到请求；节点会自行探测，恢复后重新启用。',
  ],
  [
    '{url} has failed again and again ({fault}) and gets no requests; it is probed by itself and comes back once that goes well; no other target is left, so requests are answered 503',
    '{url} 一再失败（{fault}），不再收到请求；节点会自行探测，恢复后重新启用；没有其他目标，因此请求会得到 503。',
  ],
  [
    'an event loop does not come round; if this lasts, restart the node',
    '有一个事件循环没有响应；如果持续如此，请重新启动节点。',
  ],
  [
    'a password has at least {count} characters; four or five words make a good one',
    '密码短语至少 {count} 个字符；最好用四五个词。',
  ],
  ['a password is UTF-8 text', '密码短语必须是 UTF-8 文本'],
  [
    'this is one of the passwords that are tried first, perhaps with figures around it; choose another',
    '这是最先被尝试的密码之一，也许前后加了数字；请换一个。',
  ],
  [
    'this password is a row of neighbours or has too few different characters; choose another',
    '此密码短语是相邻按键的排列，或不同的字符太少；请换一个。',
  ],
  [
    'this password holds your name, your account or ours, which are tried first; choose another',
    '此密码短语含有您的姓名、账户或我们的名称，这些会最先被尝试；请换一个。',
  ],
  [
    'the authenticator did not check who uses it; set a PIN or a fingerprint on it',
    '验证设备没有核实使用者；请为它设置 PIN 或指纹。',
  ],
  ['the passkey answered another question; begin again', '通行密钥回答的是另一个问题；请重新开始。'],
];

// What an operator's profile says of a permission, where it says it in these words.
export const permissions: readonly Sentence[] = [
  ['Reading', '读取'],
  [
    'A thief sees balances, orders and trades, but changes nothing.',
    '窃取者能看到余额、订单和成交，但不能更改任何东西。',
  ],
  ['User data stream', '用户数据流'],
  ['A thief watches fills and balance changes as they happen.', '窃取者能实时看到成交和余额变动。'],
  ['Spot and margin trading', '现货与杠杆交易'],
  [
    'A thief can drain the account by trading against himself at bad prices.',
    '窃取者能以不利的价格与自己对敲，掏空账户。',
  ],
  ['Margin loan, repay and transfer', '杠杆借贷、还款与划转'],
  ["A thief can borrow in the account's name and lose what he borrowed.", '窃取者能以账户的名义借款，并把借来的亏掉。'],
  ['Futures', '合约'],
  [
    'A thief can open leveraged positions and lose more than the balance shows.',
    '窃取者能开杠杆仓位，亏损可能超过余额。',
  ],
  ['European options', '欧式期权'],
  ['A thief can buy and write options at bad prices.', '窃取者能以不利的价格买入和卖出期权。'],
  ['Portfolio margin trading', '统一账户交易'],
  ['A thief can trade with everything the account holds as collateral.', '窃取者能把账户的全部资产作为抵押进行交易。'],
  ['Universal transfer', '万向划转'],
  [
    'A thief can move assets between wallets to where another key may spend them.',
    '窃取者能在钱包之间转移资产，转到另一个密钥可以动用的地方。',
  ],
  ['Internal transfer', '内部划转'],
  [
    'A thief can move assets from the master account to a sub-account at once.',
    '窃取者能立即把资产从主账户转到子账户。',
  ],
  ['Withdrawals', '提现'],
  ['A thief can send everything away, for good.', '窃取者能把一切转走，无法追回。'],
  ['FIX API', 'FIX API'],
  ['A thief can trade over FIX sessions, faster than over REST.', '窃取者能通过 FIX 会话交易，比 REST 更快。'],
  ['FIX API, read only', 'FIX API（只读）'],
  ['A thief sees orders and fills over FIX sessions.', '窃取者能通过 FIX 会话看到订单和成交。'],
  ['Managing API keys of sub-accounts', '管理子账户的 API 密钥'],
  [
    'A thief can make keys for every sub-account, widen and end others, and so do there whatever this key may do itself.',
    '窃取者能为每个子账户创建密钥，扩大或终止其他密钥，从而在那里做此密钥自身能做的一切。',
  ],
  ['Management API: reading this account', '管理 API：读取此账户'],
  [
    'A thief sees which API keys the account has, what each may do, from where it is used, and its refused requests.',
    '窃取者能看到账户有哪些 API 密钥、各自的权限、使用来源以及被拒绝的请求。',
  ],
  ['Management API: reading and stopping keys of this account', '管理 API：读取并停用此账户的密钥'],
  [
    'A thief sees that too, and can suspend and revoke every API key of the account, so that its bots stand still.',
    '窃取者同样能看到这些，还能暂停和吊销账户的每个 API 密钥，使其程序停摆。',
  ],
  ['Management API: reading everything, as an auditor', '管理 API：以审计员身份读取全部'],
  [
    'A thief sees the API keys, addresses and refused requests of every account, and the audit log.',
    '窃取者能看到所有账户的 API 密钥、地址和被拒绝的请求，以及审计日志。',
  ],
  ["Management API: stopping anybody's keys, as an operator", '管理 API：以运维身份停用任何人的密钥'],
  [
    "A thief can suspend and revoke the API keys of every account, so that nobody's bots trade any more.",
    '窃取者能暂停和吊销所有账户的 API 密钥，使任何人的程序都无法交易。',
  ],
  ['Read forecasts', '读取预报'],
  ["A thief reads forecasts at the customer's cost.", '窃取者能以客户的费用读取预报。'],
  ['Send station reports', '发送站点报告'],
  [
    'A thief can send false readings, which spoil the forecasts of a region.',
    '窃取者能发送虚假读数，破坏一个地区的预报。',
  ],
];
