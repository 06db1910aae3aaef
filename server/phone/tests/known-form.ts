// A small form that begins with a household of the last round, made like the shipped one.
const entity = (dataset: string): string =>
  `<meta><entity dataset="${dataset}" create="" update="" baseVersion="" id=""><label/></entity></meta>`;
const binds = (at: string, known: string, dataset: string): string => `
<bind nodeset="${at}/meta/entity/@create" calculate="${known} = ''"/>
<bind nodeset="${at}/meta/entity/@update" calculate="${known} != ''"/>
<bind nodeset="${at}/meta/entity/@baseVersion" calculate="instance('${dataset}')/root/item[name = current()/../../../${known}]/__version"/>
<bind nodeset="${at}/meta/entity/@id" calculate="${known}"/>`;
const set = (ref: string, value: string): string => `<setvalue ref="${ref}" event="xforms-value-changed" value="${value}"/>`;

export const KNOWN_FORM = `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms" xmlns:mn="urn:mangnon:facts">
<h:head><h:title>Phiếu thử</h:title><model>
<instance><data id="known" version="1"><house/><number/><agreed/>${entity('household')}
 <member><who/><name/>${entity('child')}</member>
 <orx:meta><orx:instanceID/></orx:meta></data></instance>
<instance id="household" src="jr://file-csv/household.csv"/>
<instance id="child" src="jr://file-csv/child.csv"/>
<bind nodeset="/data/house" type="string" mn:fact="household.known"/>
<bind nodeset="/data/number" type="int" mn:fact="household.number"/>
<bind nodeset="/data/agreed" type="string"/>
<bind nodeset="/data/member" relevant="/data/agreed = '1'"/>
<bind nodeset="/data/member/who" type="string" mn:fact="child.known"/>
<bind nodeset="/data/member/name" type="string"/>
${binds('/data', '/data/house', 'household').replaceAll('current()/../../..//data/house', '/data/house')}
${binds('/data/member', '../../../who', 'child').replaceAll('current()/../../../../../../who', 'current()/../../../who')}
<bind nodeset="/data/orx:meta/orx:instanceID" type="string" readonly="true()" jr:preload="uid"/>
</model></h:head>
<h:body>
<select1 ref="/data/house"><label>Hộ</label><itemset nodeset="instance('household')/root/item"><value ref="name"/><label ref="label"/></itemset>
 ${set('/data/number', "instance('household')/root/item[name = /data/house]/number")}</select1>
<input ref="/data/number"><label>Số</label></input>
<select1 ref="/data/agreed"><label>Đồng ý?</label><item><label>Có</label><value>1</value></item></select1>
<group ref="/data/member"><label>Thành viên</label><repeat nodeset="/data/member">
 <select1 ref="/data/member/who"><label>Trẻ</label><itemset nodeset="instance('child')/root/item[household = /data/house]"><value ref="name"/><label ref="label"/></itemset>
  ${set('/data/member/name', "instance('child')/root/item[name = current()/../who]/full_name")}</select1>
 <input ref="/data/member/name"><label>Tên</label></input>
</repeat></group>
</h:body></h:html>`;
